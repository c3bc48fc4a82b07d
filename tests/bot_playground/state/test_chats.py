from bot_playground.state.chats import Chat, Chats, Person


def new_chats() -> Chats:
    return Chats(bot=Person(id=42, first_name="ReadAlso", username="readalso_bot", is_bot=True))


def test_ids_look_like_telegrams() -> None:
    chats = new_chats()
    assert chats.add_person("Ann").id > 0
    assert -1_000_000_000_000 < chats.add_chat("group", "Friends").id < 0
    assert chats.add_chat("channel", "News").id < -1_000_000_000_000


def test_a_chat_is_found_by_id_or_name_and_a_person_by_id_only() -> None:
    chats = new_chats()
    ann = chats.add_person("Ann", username="ann")
    news = chats.add_chat("channel", "News", username="News")
    assert chats.find(ann.id) is chats.chats[ann.id]
    assert chats.find("@news") is news
    assert chats.find("@ann") is None
    assert chats.find(7) is None


def test_a_person_sees_her_own_chats_the_one_with_the_bot_first() -> None:
    chats = new_chats()
    group = chats.add_chat("group", "Friends")
    chats.add_chat("group", "Strangers")
    ann, bob = chats.add_person("Ann"), chats.add_person("Bob")
    group.member_statuses = {ann.id: "member", bob.id: "kicked"}
    assert chats.visible_to(ann.id) == [chats.chats[ann.id], group]
    assert chats.visible_to(bob.id) == [chats.chats[bob.id]]
    group.migrated_to = -1
    assert group not in chats.visible_to(ann.id)


def test_basic_groups_share_message_ids_and_channels_have_their_own() -> None:
    chats = new_chats()
    ann = chats.add_person("Ann")
    group, channel = chats.add_chat("group", "Friends"), chats.add_chat("channel", "News")

    def post(chat: Chat) -> int:
        return chats.store(chat, {"text": "x"}, sender_id=ann.id, date=7.9).id

    assert [post(it) for it in (group, chats.chats[ann.id], channel, group)] == [1, 2, 1, 3]
    assert (group.last_message_id(), channel.last_message_id()) == (3, 1)


def test_a_message_names_its_sender_and_a_post_its_channel() -> None:
    chats = new_chats()
    ann = chats.add_person("Ann", language_code="uk")
    forum = chats.add_chat("supergroup", "Forum", is_forum=True)
    channel = chats.add_chat("channel", "News", username="news")
    message = chats.store(forum, {"text": "x"}, sender_id=ann.id, date=7.9)
    sender = {"id": ann.id, "is_bot": False, "first_name": "Ann", "language_code": "uk"}
    chat = {"id": forum.id, "type": "supergroup", "title": "Forum", "is_forum": True}
    assert message.body == {"message_id": 1, "date": 7, "chat": chat, "from": sender, "text": "x"}
    post = chats.store(channel, {"text": "x"}, sender_id=42, date=7)
    assert post.body["sender_chat"] == post.body["chat"] == chats.chat_object(channel)
    assert "from" not in post.body
    assert "from" not in chats.store(forum, {}, sender_id=None, date=7).body


def test_an_edited_message_keeps_its_id_date_and_sender() -> None:
    chats = new_chats()
    ann = chats.add_person("Ann")
    link = {"type": "text_link", "offset": 0, "length": 1, "url": "https://a.example/"}
    markup = {"inline_keyboard": [[{"text": "Yes"}, {"text": "No"}]]}
    content: dict[str, object] = {"text": "x", "reply_markup": markup, "entities": [link]}
    message = chats.store(chats.chats[ann.id], content, sender_id=42, date=7)
    assert message.buttons == (("Yes", "No"),)
    assert message.links == ("https://a.example/",)
    edited = chats.edit(message, {"text": "y"}, date=8, without=("reply_markup", "entities"))
    assert edited.body == {
        **{name: message.body[name] for name in ("message_id", "date", "chat", "from")},
        "text": "y",
        "edit_date": 8,
    }
    assert (edited.text, edited.buttons, edited.links) == ("y", (), ())
    assert chats.chats[ann.id].messages[message.id] is edited


def test_a_user_is_a_person_or_the_bot() -> None:
    chats = new_chats()
    ann = chats.add_person("Ann")
    assert [chats.user(it) for it in (ann.id, 42, 7)] == [ann, chats.bot, None]
