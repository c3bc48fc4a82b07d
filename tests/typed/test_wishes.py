from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.typed.wishes import Wish, read_wishes
from tests.support.builders import TOPICS

# What changes nothing.
_HARMLESS = ("search", "latest")
# A Wednesday.
NOW = datetime(2026, 3, 4, 12, 0, tzinfo=ZoneInfo("Europe/Kyiv"))


def wishes(text: str) -> list[str]:
    """Return the commands that a text may stand for, with ! after the one that is sure."""
    return [
        f"{wish.command} {wish.args}".strip() + "!" * wish.is_sure
        for wish in read_wishes(text, TOPICS, NOW)
    ]


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("pause for 2 hours", "pause for 2 hours"),
        ("Пауза на 2 години", "pause на 2 години"),
        ("stop for today", "pause for today"),
        ("не пиши до понеділка", "pause до понеділка"),
        ("помолчи до завтра, пожалуйста", "pause до завтра"),
        ("follow Tesla", "follow Tesla"),
        ("слідкуй за «Динамо»", "follow «Динамо»"),
        ("присылай раз в день", "when присылай раз в день"),
        ("send me news at 8am and 7pm", "when send me news at 8am and 7pm"),
        ("новини про Харків", "search Харків"),
        ("знайди вибухи без Харкова", "search вибухи без Харкова"),
        ("покажи спорт", "latest спорт"),
        ("please turn on science", "topics turn on science"),
        ("шли науку 🙏", "topics шли науку"),
        ("подпиши меня на экономику", "topics экономику"),
        ("add bbc.com", "add bbc.com"),
        ("додай, будь ласка, https://bbc.com/rss", "add https://bbc.com/rss"),
        ("speak English", "language English"),
        ("пиши о 8", "when пиши о 8"),
        ("unmute football", "unmute football"),
    ],
)
def test_a_clear_sentence_is_a_command(text: str, command: str) -> None:
    assert wishes(text) == [f"{command}!"]


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("mute football", ["mute football", "topics mute football"]),
        ("no more sport", ["topics no more sport", "mute sport"]),
        ("не показуй спорт", ["topics не показуй спорт", "mute спорт"]),
        ("don't show me anything about Trump", ["mute Trump"]),
        ("хочу тільки політику", ["topics хочу тільки політику"]),
        ("unfollow Tesla", ["unfollow Tesla"]),
        ("не турбуй з 23 до 7", ["when не турбуй з 23 до 7"]),
        ("at 6pm", ["when at 6pm"]),
        ("only 5 a day", ["when only 5 a day"]),
        ("до завтра", ["pause до завтра"]),
        ("pause for the weekend", ["pause for the weekend"]),
        ("хочу новини про Харків", ["follow Харків", "search Харків"]),
        ("English", ["language English"]),
        ("remove quiet hours", ["when remove quiet hours"]),
        ("дай грошей", ["search дай грошей", "topics дай грошей", "latest грошей"]),
        ("хочу все", ["topics хочу все"]),
    ],
)
def test_what_is_unclear_or_keeps_news_away_is_asked(text: str, commands: list[str]) -> None:
    assert wishes(text) == commands


@pytest.mark.parametrize(
    "texts",
    [
        "хочу мир|подпиши меня на мир|i want world|дай суспільство|верни мир",
        "more politics|больше спорта|більше науки|give me war|send me sport",
        "верни деньги|поверни гроші|bring back money|включи музыку",
        "alert me to danger|follow it|notify me if it rains|повідомляй про те що буде",
        "pause for 2 hourz ago|не пиши вночі|not write in the evening|stop at night",
        "хочу все сразу|i want it live|send it now",
        "read bbc.com|use bbc.com|спорт не показуй|годинку не пиши|Трампа заглуши",
    ],
)
def test_a_setting_changes_only_if_every_word_is_accounted_for_in_one_way(texts: str) -> None:
    for text in texts.split("|"):
        sure = [w for w in read_wishes(text, TOPICS, NOW) if w.is_sure]
        assert all(wish.command in _HARMLESS for wish in sure), text


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("yjdbyb", ["latest"]),
        ("ьгеу футбол", ["mute футбол", "topics mute футбол"]),
        ("cgjhn", ["latest спорт"]),
        ("ащддщц Tesla", ["follow Tesla"]),
        ("setings", ["settings"]),
        ("налаштуваня", ["settings"]),
    ],
)
def test_the_letters_of_another_keyboard_and_slips_are_asked(
    text: str, commands: list[str]
) -> None:
    assert wishes(text) == commands


@pytest.mark.parametrize(
    ("texts", "command"),
    [
        ("without a trace|no comment|watch tower|stop smoking|follow the leader", "search"),
        (
            "track record|more rain tomorrow|less tax for farmers|block chain|no time to die",
            "search",
        ),
        ("stop making sense|turn on the light|add fuel to the fire|filter water", "search"),
        ("Without power: half a million homes|No deal on fishing in the North Sea", "none"),
        ("без 5 хвилин|тиша до ранку|перерва до 15:00|тишина до утра|give me five|дай 5", "any"),
        ("subscribe to our channel|підпишись на наш канал|Follow us on Twitter", "none"),
        ("стежте за новинами|следите за обновлениями|subscribe to channels", "search"),
        ("Read more on bbc.com|write to me about love|in English|на английском|live", "any"),
        ("more than 20 killed|show must go on|enough is enough|drop in oil prices", "none"),
        ("hide and seek|look who is here|use in war|watch out|Watch Out|break even", "none"),
        ("хватит ли газа|стоп-кран|досить довго чекали", "none"),
        ("без світла залишились 500 тисяч домівок|більше 100 тисяч українців без світла", "search"),
        ("слідкуй за руками|без зайвих слів|хочу додому|більше світла|годі мовчати", "search"),
        ("стеж за собою|не хочу на війну|більше ніж новини|покажи себе|знайди мене", "none"),
        ("следи за руками|без вести пропавшие|довольно слов|убери руки|есть контакт", "search"),
        ("больше не могу|скрыть нельзя показать|только не это", "none"),
        ("show me|покажи мені|покажи", "latest"),
    ],
)
def test_idioms_and_headlines_are_looked_for(texts: str, command: str) -> None:
    for text in texts.split("|"):
        found = read_wishes(text, TOPICS, NOW)
        assert (found[0].command if found else "none") in (command, "search") or command == "any", (
            text
        )
        assert not any(wish.is_sure for wish in found if wish.command not in _HARMLESS), text


@pytest.mark.parametrize(
    "text", ["follow the money", "Track Changes", "no deal with War", "more news at ten"]
)
def test_everyday_phrases_change_no_setting(text: str) -> None:
    assert not any(wish.is_sure for wish in read_wishes(text, TOPICS, NOW)), text


@pytest.mark.parametrize(
    "text",
    [
        *("", "Зеленський", "bridge", "weather in Odesa", "2024", "Paula", "🙏", "mute" * 60),
        "скільки людей загинуло в Туреччині",
        "не хочу платити податки як усі за цей рік і за минулий",
        "24 лютого",
        "stop",
    ],
)
def test_other_texts_are_no_wish(text: str) -> None:
    assert read_wishes(text, TOPICS, NOW) == ()


@given(st.text())
def test_no_text_raises_an_error(text: str) -> None:
    assert all(isinstance(wish, Wish) for wish in read_wishes(text, TOPICS, NOW))
