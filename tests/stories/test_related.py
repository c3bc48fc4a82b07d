from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import EditorLink, Story
from bot.stories.related import (
    MAX_AGE,
    MAX_LINKS,
    MAX_QUERY_TERMS,
    MAX_TERMS,
    MIN_RELEVANCE,
    choose_related,
    cosine,
    query_weights,
    relevance,
    terms,
)
from tests.support.builders import story

BRIDGE = ("bridg", "river", "ferri", "tram", "mayor")
FLU = ("flu", "hospit", "bed", "doctor")
# Enough to tell that one text is the other.
LONG = tuple(f"word{number}" for number in range(40))

Candidate = tuple[Story, tuple[str, ...]]


def candidate(number: int, title: str, *found: str) -> Candidate:
    return story(title, story_id=number, url=f"https://courier.example/{number}"), found


STORY = story("New bridge opens in Lakeside", story_id=9, url="https://courier.example/9")
TOLLS = EditorLink(title="How much does the ferry cost?", url="https://courier.example/tolls")


def chosen(
    *candidates: Candidate, story_terms: tuple[str, ...] = BRIDGE
) -> list[Story | EditorLink]:
    return [offer.link for offer in choose_related(STORY, story_terms, candidates)]


def test_the_most_similar_come_first_and_dissimilar_ones_never() -> None:
    near = candidate(1, "Tram line extended", *BRIDGE[:4], "line")
    nearer = candidate(2, "Mayor praises builders of the bridge", *BRIDGE)
    far = candidate(3, "Flu season begins early", *FLU)
    assert chosen(far, near, nearer) == [nearer[0], near[0]]


def test_two_common_words_are_chance() -> None:
    assert chosen(candidate(1, "Mayor opens a clinic", "mayor", "river")) == []


def test_a_few_common_words_among_many_others_are_chance() -> None:
    others = [f"word{number}" for number in range(60)]
    chance = candidate(1, "Mayor opens a clinic at the river", *BRIDGE[1:4], *others)
    assert chosen(chance, story_terms=(*BRIDGE, *FLU)) == []


def test_there_are_eight_links_at_most() -> None:
    many = [candidate(number, f"Bridge news {number} today", *BRIDGE) for number in range(1, 13)]
    assert len(chosen(*many)) == MAX_LINKS == 8


def test_a_tie_goes_to_the_newer_story() -> None:
    def dated(number: int, hours: int, title: str) -> Candidate:
        at = STORY.published_at + timedelta(hours=hours)
        return story(title, story_id=number, url=f"{number}", published_at=at), BRIDGE

    # What was stored before may bear a later date; then it has no age.
    old, new = dated(2, 1, "Clinic closes early"), dated(1, 2, "Clinic closes late")
    as_new = dated(3, 2, "Clinic closes forever")
    assert chosen(old, new, as_new) == [as_new[0], new[0], old[0]]


def test_age_lowers_the_relevance_for_up_to_a_month() -> None:
    def rate(age: timedelta) -> float:
        other = story("Bridge closes", story_id=1, published_at=STORY.published_at - age)
        return relevance(STORY, BRIDGE, (other, BRIDGE))

    assert rate(timedelta(0)) > rate(timedelta(days=9)) > rate(MAX_AGE) == rate(2 * MAX_AGE) > 0
    assert rate(timedelta(hours=-2)) == rate(timedelta(0))


def test_a_headline_repeated_in_the_text_adds_to_the_cosine() -> None:
    recalled = candidate(1, "The ferry and the tram", *BRIDGE)
    other = candidate(2, "Clinic closes", *BRIDGE)
    assert relevance(STORY, BRIDGE, recalled) > relevance(STORY, BRIDGE, other)
    flood = story("Flood", story_id=9, url=STORY.url)
    assert relevance(STORY, BRIDGE, other) > relevance(flood, BRIDGE, other)


@pytest.mark.parametrize(
    "twin",
    [
        candidate(1, "In Lakeside opens: new bridge!", *BRIDGE),
        (story("Another headline altogether", story_id=1, url=STORY.url), BRIDGE),
        (story("Another headline altogether", story_id=9, url="b"), BRIDGE),
    ],
)
def test_the_story_itself_is_left_out(twin: Candidate) -> None:
    assert chosen(twin) == []


def test_an_undetected_reprint_is_left_out() -> None:
    reprint = candidate(1, "City celebrates", *LONG[:38])
    follow_up = candidate(2, "City counts the costs", *LONG[:24], *(f"cost{n}" for n in range(12)))
    assert chosen(reprint, follow_up, story_terms=LONG) == [follow_up[0]]


def test_of_two_stories_on_one_event_one_is_shown() -> None:
    both = (*LONG[:26], *(f"cost{number}" for number in range(14)))
    one, other = candidate(1, "City counts costs", *both), candidate(2, "What was paid", *both[:39])
    assert len(chosen(one, other, story_terms=LONG)) == 1


def test_of_two_with_one_headline_the_more_similar_is_shown() -> None:
    best = candidate(1, "Bridge: tolls end", *BRIDGE)
    short = candidate(2, "BRIDGE: TOLLS END", *BRIDGE[:3])
    assert chosen(short, best) == [best[0]]


def test_two_sources_may_have_one_headline_too_short_to_compare() -> None:
    ours = candidate(1, "The bridge", *BRIDGE)
    theirs = (story("The bridge", story_id=2, url="b", source="Elmstead Post"), BRIDGE)
    assert len(chosen(ours, theirs)) == 2
    again = (story("the Bridge", story_id=3, url="c"), BRIDGE)
    assert len(chosen(ours, again)) == 1


def test_a_story_without_terms_has_no_links() -> None:
    assert chosen(candidate(1, "Bridge tolls end", *BRIDGE), story_terms=()) == []
    assert chosen() == []


def test_editor_links_come_first_at_any_similarity() -> None:
    own = story("Ferry retires after a century", story_id=1, url="a")
    found = choose_related(
        STORY, BRIDGE, [candidate(2, "Tram on the bridge", *BRIDGE)], chosen_by_editors=[TOLLS, own]
    )
    assert [offer.link for offer in found[:2]] == [TOLLS, own]
    assert [offer.score is None for offer in found] == [True, True, False]
    assert MIN_RELEVANCE <= (found[2].score or 0) <= 1


@pytest.mark.parametrize(
    "link",
    [
        EditorLink(title="", url="https://courier.example/tag"),
        EditorLink(title=" \n", url="https://courier.example/tag"),
        EditorLink(title="The bridge again", url=STORY.url),
        EditorLink(title="In Lakeside: new bridge opens", url="https://courier.example/amp/9"),
    ],
)
def test_an_editor_link_without_a_title_or_to_the_story_itself_is_left_out(
    link: EditorLink,
) -> None:
    assert choose_related(STORY, BRIDGE, [], chosen_by_editors=[link]) == ()


def test_a_duplicate_of_an_editor_link_is_left_out() -> None:
    stored = candidate(1, "How much does the ferry cost", *BRIDGE)
    found = choose_related(STORY, BRIDGE, [stored], chosen_by_editors=[TOLLS, TOLLS])
    assert [offer.link for offer in found] == [TOLLS]


def test_stories_in_the_same_message_are_left_out() -> None:
    tram = candidate(1, "Tram on the bridge", *LONG[:30])
    retold = candidate(2, "Lakeside celebrates", *LONG[:29], "flag")
    story_terms = (*LONG[:20], *BRIDGE, *FLU)
    assert len(choose_related(STORY, story_terms, [tram])) == 1
    assert choose_related(STORY, story_terms, [tram, retold], excluded=[tram[0]]) == ()
    own = EditorLink(title="The tram on a bridge", url=tram[0].url)
    assert choose_related(STORY, story_terms, [], chosen_by_editors=[own], excluded=[tram[0]]) == ()


def test_terms_begin_with_the_titles_and_include_phonetic_keys() -> None:
    found = terms("Новий міст відкрили", "Міст відкрив мер Зеленський. Міст будував Зеленський.")
    assert found[0] in terms("міст", "")
    assert any(term.startswith("=") for term in found)
    english = terms("Bridge", "It was opened there by Zelensky.")
    assert {term for term in found if term.startswith("=")} & set(english)


@pytest.mark.parametrize("text", ["", "🎉🎉", "...", "\x00", '" OR "', "а" * 100_000, "ы " * 9_000])
def test_a_text_of_stop_words_has_few_terms(text: str) -> None:
    assert len(terms(text, text)) <= 2


@given(st.text(), st.text())
def test_terms_are_few_distinct_words_that_a_search_can_ask_for(title: str, text: str) -> None:
    found = terms(title, text)
    assert len(found) == len(set(found)) <= MAX_TERMS
    assert not any('"' in term or " " in term or not term for term in found)
    assert list(query_weights(found)) == [term for term in found if term in query_weights(found)]


def test_a_long_text_has_its_terms_of_the_highest_tf_idf() -> None:
    found = terms("Bridge", " ".join(f"people word{number}x" for number in range(400)))
    assert len(found) == MAX_TERMS
    assert found[0] == "bridg"


def test_a_query_has_rare_terms_with_weights_and_no_frequent_ones() -> None:
    common = terms("Ukraine and Russia: people say", "")
    assert not {"ukrain", "russia"} & set(query_weights(common))
    rare = query_weights((*common, *LONG))
    assert 0 < len(rare) <= MAX_QUERY_TERMS
    assert set(rare) <= {*common, *LONG}
    assert min(rare.values()) > 0


SETS = st.frozensets(st.sampled_from([*LONG, *BRIDGE, "ukrain", "president"]))


@given(SETS, SETS)
def test_the_cosine_is_symmetric_and_from_0_to_1(
    one: frozenset[str], other: frozenset[str]
) -> None:
    assert 0 <= cosine(one, other) == cosine(other, one) <= 1
    assert cosine(one, one) == pytest.approx(1 if one else 0)
    assert cosine(one, sorted(other)) == cosine(sorted(one, reverse=True), other)
