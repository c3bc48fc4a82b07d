"""The look of a channel's posts: chosen in a draft, seen by the last story, and then it counts."""

import re
from datetime import timedelta

import pytest

from bot.model import ChatId, EditorLink, Language, PostLook
from bot.storage.database import Database
from bot.storage.subscribers import post_looks, subscribers
from bot.telegram.handlers.chats.post_look import MAX_LINE_CHARS, is_own_line, look_code
from bot_playground.state.chats import Chat, ChatMessage
from tests.support.builders import publish, reading
from tests.telegram.conftest import Conversation, FakeReadAlso, labels
from tests.telegram.handlers.chats.channel_owner import ChannelOwner

LINK = EditorLink(title="Older bridge", url="https://courier.example/older", source="The Herald")
LINE_COMMANDS = [("en", "line"), ("uk", "рядок"), ("ru", "строка")]


@pytest.fixture(params=["en", "uk", "ru"])
def language(request: pytest.FixtureRequest) -> Language:
    code: Language = request.param
    return code


class Owner(ChannelOwner):
    """The admin of a channel with a war story an hour, and what they see."""

    async def press(self, message: ChatMessage, label: str) -> ChatMessage:
        """Press the button that has the label behind a mark."""
        (found,) = (each for each in labels(message) if each.endswith(label))
        return await super().press(message, found)

    async def open(self) -> ChatMessage:
        page = await self.write("/channel")
        return await self.press(page, self.say.plain("🎨 Look of the posts"))

    async def use(self, page: ChatMessage) -> ChatMessage:
        """Preview the draft of the page and let it count; return the preview."""
        await self.press(page, self.say.plain("👁 Show the last story so"))
        story, question = self.conversation.telegram.messages(self.person, of_bot=True)[-2:]
        await self.press(question, self.say.plain("✅ Post so from now on"))
        return story

    def posts(self) -> list[ChatMessage]:
        return list(self.conversation.telegram.messages(self.channel, of_bot=True))


async def owner_of(
    conversation: Conversation, db: Database, language: Language, fake_read_also: FakeReadAlso
) -> Owner:
    fake_read_also.links = (LINK,)
    owner = Owner(conversation, language)
    await conversation.settle()
    await owner.write("/channel @harbour_news")
    await owner.write("/topics war")
    async with db.transaction() as tx:
        await subscribers.set_news_language(tx, ChatId(owner.channel.id), "en", wanted=True)
        await subscribers.end_choice(tx, ChatId(owner.channel.id))
    return owner


@pytest.fixture
async def owner(
    conversation: Conversation, db: Database, language: Language, fake_read_also: FakeReadAlso
) -> Owner:
    return await owner_of(conversation, db, language, fake_read_also)


@pytest.fixture
async def ann(conversation: Conversation, db: Database, fake_read_also: FakeReadAlso) -> Owner:
    return await owner_of(conversation, db, "en", fake_read_also)


async def look_of(db: Database, channel: Chat) -> PostLook:
    found = await subscribers.find(db.reader, ChatId(channel.id))
    assert found is not None
    return found.look


async def test_a_look_is_chosen_seen_and_then_counts(
    conversation: Conversation, db: Database, owner: Owner
) -> None:
    await publish(db, "Bridge opens")
    await conversation.settle()
    (before,) = owner.posts()
    assert "The new bridge was opened." in before.text
    assert "The Harbour Courier" in before.text
    assert "Older bridge" in before.text
    page = await owner.open()
    for part in ("Summary", "Source and time", "“Read also”", "Buttons", "Picture"):
        page = await owner.press(page, owner.say.plain(part))
    # What is chosen is a draft: posts stay as they are.
    assert await look_of(db, owner.channel) == PostLook()
    seen = await owner.use(page)
    assert (seen.text, seen.buttons) == ("Bridge opens", ())
    await publish(db, "Bridge closes")
    await conversation.settle()
    assert (owner.posts()[-1].text, owner.posts()[-1].buttons) == ("Bridge closes", ())
    assert owner.posts()[-1].body.get("link_preview_options") == {"is_disabled": True}


@pytest.mark.parametrize(("code", "word"), LINE_COMMANDS)
async def test_an_own_line_stands_below_as_plain_text(
    conversation: Conversation,
    db: Database,
    fake_read_also: FakeReadAlso,
    code: Language,
    word: str,
) -> None:
    owner = await owner_of(conversation, db, code, fake_read_also)
    await publish(db, "Bridge opens")
    page = await owner.write(f"/channel {word}: <b>More</b> & more:\n @harbour_news")
    assert "<b>More</b> & more: @harbour_news" in page.text
    seen = await owner.use(page)
    assert seen.text.endswith("\n\n<b>More</b> & more: @harbour_news")
    await publish(db, "Bridge closes")
    await conversation.settle()
    assert owner.posts()[-1].text.endswith(
        "Older bridge — The Herald\n\n<b>More</b> & more: @harbour_news"
    )
    page = await owner.press(await owner.open(), owner.say.plain("✖ Remove the own line"))
    await owner.use(page)
    assert await look_of(db, owner.channel) == PostLook()


@pytest.mark.parametrize("line", ["", " ", "x" * (MAX_LINE_CHARS + 1), "a" + "\u0301" * 4000])
async def test_a_line_that_is_empty_or_too_long_is_answered_with_the_bounds(
    db: Database, ann: Owner, line: str
) -> None:
    answer = await ann.write(f"/channel line {line}")
    assert "The line has 1 to 200 characters" in answer.text
    assert await post_looks.draft(db.reader, ChatId(ann.channel.id)) == PostLook()


async def test_a_line_of_200_characters_fits_below_the_longest_story(
    conversation: Conversation, db: Database, ann: Owner
) -> None:
    await publish(db, "&" * 3000)
    page = await ann.write(f"/channel line {'<' * MAX_LINE_CHARS}")
    await ann.use(page)
    await publish(db, "“" * 3000)
    await publish(db, "Bridge opens")
    await conversation.settle()
    assert ann.posts()[-1].text.endswith("<" * MAX_LINE_CHARS)


async def test_a_preview_of_another_draft_does_not_count(
    conversation: Conversation, db: Database, ann: Owner
) -> None:
    page = await ann.open()
    page = await ann.press(page, "Summary")
    await ann.press(page, "👁 Show the last story so")
    (question,) = conversation.telegram.messages(ann.person, of_bot=True)[-1:]
    assert "There is no story yet to show." in question.text
    await ann.press(page, "Buttons")
    toast = await conversation.press(ann.person, question, "✅ Post so from now on")
    assert "out of date" in toast
    assert await look_of(db, ann.channel) == PostLook()
    again = await ann.press(question, "↩️ Change it")
    await ann.use(again)
    assert await look_of(db, ann.channel) == PostLook(summary=False, buttons=False)


async def test_a_look_is_of_a_managed_channel_alone(
    conversation: Conversation, db: Database, ann: Owner
) -> None:
    page = await ann.open()
    await ann.write("/channel off")
    assert "out of date" in await conversation.press(ann.person, page, labels(page)[0])
    assert await ann.conversation.say(ann.person, "/channel line Hello there")
    last = conversation.texts(ann.person)[-1]
    assert last.startswith("I can't find a channel called “line Hello there”.")


async def test_a_former_admin_sets_no_line(
    conversation: Conversation, db: Database, ann: Owner
) -> None:
    ann.channel.member_statuses[ann.person.id] = "member"
    answer = await ann.write("/channel line Buy this")
    assert answer.text.startswith("You no longer seem to be an admin of @harbour_news")
    assert await post_looks.draft(db.reader, ChatId(ann.channel.id)) == PostLook()


async def test_the_posts_of_an_hour_share_one_limit_and_the_rest_waits(
    conversation: Conversation, db: Database, ann: Owner
) -> None:
    await ann.use(await ann.press(await ann.open(), "2/h"))
    for number in range(5):
        await publish(db, f"Bridge {number}", made=reading(terms=(f"bridge{number}",)))
    await conversation.settle()
    assert [post.text.split("\n")[0] for post in ann.posts()] == ["Bridge 0", "Bridge 1"]
    conversation.clock.advance(seconds=3600)
    await conversation.settle()
    assert [post.text.split("\n")[0] for post in ann.posts()[2:]] == ["Bridge 2", "Bridge 3"]


async def test_the_last_post_of_an_hour_covers_all_that_waits_where_bundles_are_chosen(
    conversation: Conversation, db: Database, ann: Owner
) -> None:
    page = await ann.press(await ann.open(), "2/h")
    await ann.use(await ann.press(page, "Several in one post"))
    for number in range(5):
        await publish(db, f"Bridge {number}", made=reading(terms=(f"bridge{number}",)))
    await conversation.settle()
    first, bundle = ann.posts()
    assert first.text.startswith("Bridge 0")
    assert re.findall(r"Bridge \d", bundle.text) == [f"Bridge {number}" for number in range(1, 5)]


async def test_a_channel_gets_late_stories_one_by_one_unless_it_wants_bundles(
    conversation: Conversation, db: Database, ann: Owner
) -> None:
    for bundles, count in ((False, 5), (True, 1)):
        if bundles:
            await ann.use(await ann.press(await ann.open(), "Several in one post"))
        before = len(ann.posts())
        for number in range(5):
            title = f"Bridge {number} {bundles}"
            await publish(db, title, made=reading(terms=(title,)), now=conversation.clock())
        conversation.clock.advance(seconds=timedelta(hours=2).total_seconds())
        await conversation.settle()
        assert len(ann.posts()) - before == count


def test_only_the_word_line_begins_an_own_line() -> None:
    assert all(is_own_line(args) for args in ("line x", "Line: x", "рядок", "СТРОКА х"))
    assert not any(is_own_line(args) for args in (None, "", "  ", "@line", "lines x", "off"))


def test_looks_that_differ_have_different_codes() -> None:
    looks = [PostLook(), PostLook(summary=False), PostLook(own_line="x"), PostLook(per_hour=2)]
    assert len({look_code(look) for look in looks}) == len(looks)
