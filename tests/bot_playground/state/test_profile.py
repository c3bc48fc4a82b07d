import pytest

from bot_playground.bot_api.errors import BotApiError
from bot_playground.state.chats import Chat
from bot_playground.state.profile import Profile, check_language, parse_commands, parse_scope


def menu(name: str) -> list[dict[str, object]]:
    return [{"command": name, "description": name}]


PRIVATE = Chat(id=1, type="private", title="Ann")
GROUP = Chat(id=-5, type="group", title="Friends", member_statuses={1: "creator", 2: "member"})


def test_the_narrowest_menu_is_shown() -> None:
    profile = Profile(name="ReadAlso")
    seen = []
    for scope, language in [
        (("default",), ""),
        (("default",), "uk"),
        (("all_private_chats",), ""),
        (("all_private_chats",), "uk"),
        (("chat", 1), ""),
        (("chat", 1), "uk"),
    ]:
        profile.menus[scope, language] = menu(f"{scope[0]}{language}")
        seen.append(profile.menu(PRIVATE, 1, "uk")[0]["command"])
        assert profile.menu(GROUP, 2, "") == menu("default")
    assert seen == [
        "default",
        "defaultuk",
        "all_private_chats",
        "all_private_chatsuk",
        "chat",
        "chatuk",
    ]


def test_administrators_and_members_of_a_group_see_their_own_menus() -> None:
    profile = Profile(name="ReadAlso")
    assert profile.menu(GROUP, 1, "uk") == []
    for scope in [
        ("all_group_chats",),
        ("all_chat_administrators",),
        ("chat", -5),
        ("chat_administrators", -5),
        ("chat_member", -5, 1),
    ]:
        profile.menus[scope, ""] = menu(str(scope[0]))
        assert profile.menu(GROUP, 1, "uk") == menu(str(scope[0]))
    assert profile.menu(GROUP, 2, "uk") == menu("chat")


def test_texts_fall_back_to_every_other_language_and_the_name_to_the_first_one() -> None:
    profile = Profile(name="ReadAlso")
    assert (profile.text("name", "uk"), profile.text("description", "uk")) == ("ReadAlso", "")
    profile.set_text("name", "Reads", "")
    profile.set_text("name", "Читай", "uk")
    assert [profile.text("name", it) for it in ("uk", "en")] == ["Читай", "Reads"]
    profile.set_text("name", "", "uk")
    assert profile.text("name", "uk") == "Reads"


@pytest.mark.parametrize(
    ("which", "limit"), [("name", 64), ("description", 512), ("short_description", 120)]
)
def test_texts_have_their_limits(which: str, limit: int) -> None:
    profile = Profile(name="ReadAlso")
    profile.set_text(which, "x" * limit, "")
    with pytest.raises(BotApiError, match=f"longer than {limit} characters"):
        profile.set_text(which, "x" * (limit + 1), "")


@pytest.mark.parametrize("language", ["ukr", "UK", "u", "uk-UA"])
def test_a_language_has_two_small_letters(language: str) -> None:
    with pytest.raises(BotApiError, match="invalid language code specified"):
        check_language(language)


def test_a_scope_is_a_key() -> None:
    assert parse_scope(None) == parse_scope({"type": "default"}) == ("default",)
    member = {"type": "chat_member", "chat_id": -5, "user_id": 1}
    assert parse_scope(member) == ("chat_member", -5, 1)


@pytest.mark.parametrize(
    ("scope", "refusal"),
    [
        ({"type": "everyone"}, "Unsupported type specified"),
        ({"type": "chat"}, 'Can\'t find field "chat_id"'),
        ({"type": "default", "chat": 1}, 'unknown field "chat"'),
    ],
)
def test_invalid_scopes_are_refused(scope: object, refusal: str) -> None:
    with pytest.raises(BotApiError, match=refusal):
        parse_scope(scope)


def test_a_slash_and_spaces_do_no_harm_to_a_command() -> None:
    given: list[object] = [{"command": "/start", "description": " Begin "}]
    assert parse_commands(given) == [{"command": "start", "description": "Begin"}]


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        ({"command": "Start", "description": "x"}, "BOT_COMMAND_INVALID"),
        ({"command": "s" * 33, "description": "x"}, "BOT_COMMAND_INVALID"),
        ({"command": "start", "description": ""}, "BOT_COMMAND_DESCRIPTION_INVALID"),
        ({"command": "start", "description": "x" * 257}, "BOT_COMMAND_DESCRIPTION_INVALID"),
        ({"command": "start"}, 'Can\'t find field "description"'),
        ("start", "object expected"),
    ],
)
def test_bad_commands_are_refused(command: object, refusal: str) -> None:
    with pytest.raises(BotApiError, match=refusal):
        parse_commands([command])


def test_a_menu_has_a_hundred_commands_at_most() -> None:
    command = {"command": "start", "description": "x"}
    assert len(parse_commands([command] * 100)) == 100
    with pytest.raises(BotApiError, match="BOT_COMMANDS_TOO_MUCH"):
        parse_commands([command] * 101)
