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


IT = story("New bridge opens in Lakeside", story_id=9, url="https://courier.example/9")
TOLLS = EditorLink(title="How much does the ferry cost?", url="https://courier.example/tolls")


def chosen(*candidates: Candidate, its: tuple[str, ...] = BRIDGE) -> list[Story | EditorLink]:
    return [offer.link for offer in choose_related(IT, its, candidates)]


def test_the_most_alike_come_first_and_the_unlike_never() -> None:
    near = candidate(1, "Tram line extended", *BRIDGE[:4], "line")
    nearer = candidate(2, "Mayor praises builders of the bridge", *BRIDGE)
    far = candidate(3, "Flu season begins early", *FLU)
    assert chosen(far, near, nearer) == [nearer[0], near[0]]


def test_two_common_words_are_chance() -> None:
    assert chosen(candidate(1, "Mayor opens a clinic", "mayor", "river")) == []


def test_a_few_common_words_among_many_others_are_chance() -> None:
    others = [f"word{number}" for number in range(60)]
    chance = candidate(1, "Mayor opens a clinic at the river", *BRIDGE[1:4], *others)
    assert chosen(chance, its=(*BRIDGE, *FLU)) == []


def test_no_more_than_eight_are_offered() -> None:
    many = [candidate(number, f"Bridge news {number} today", *BRIDGE) for number in range(1, 13)]
    assert len(chosen(*many)) == MAX_LINKS == 8


def test_a_tie_goes_to_the_newer_story() -> None:
    def dated(number: int, hours: int, title: str) -> Candidate:
        at = IT.published_at + timedelta(hours=hours)
        return story(title, story_id=number, url=f"{number}", published_at=at), BRIDGE

    # What was stored before may bear a later date; then it has no age.
    old, new = dated(2, 1, "Clinic closes early"), dated(1, 2, "Clinic closes late")
    as_new = dated(3, 2, "Clinic closes forever")
    assert chosen(old, new, as_new) == [as_new[0], new[0], old[0]]


def test_of_two_equally_alike_the_older_is_worth_less_and_no_less_after_a_month() -> None:
    def rate(age: timedelta) -> float:
        other = story("Bridge closes", story_id=1, published_at=IT.published_at - age)
        return relevance(IT, BRIDGE, (other, BRIDGE))

    assert rate(timedelta(0)) > rate(timedelta(days=9)) > rate(MAX_AGE) == rate(2 * MAX_AGE) > 0
    assert rate(timedelta(hours=-2)) == rate(timedelta(0))


def test_a_headline_that_the_text_recalls_counts_beside_likeness() -> None:
    recalled = candidate(1, "The ferry and the tram", *BRIDGE)
    other = candidate(2, "Clinic closes", *BRIDGE)
    assert relevance(IT, BRIDGE, recalled) > relevance(IT, BRIDGE, other)
    flood = story("Flood", story_id=9, url=IT.url)
    assert relevance(IT, BRIDGE, other) > relevance(flood, BRIDGE, other)


@pytest.mark.parametrize(
    "twin",
    [
        candidate(1, "In Lakeside opens: new bridge!", *BRIDGE),
        (story("Another headline altogether", story_id=1, url=IT.url), BRIDGE),
        (story("Another headline altogether", story_id=9, url="b"), BRIDGE),
    ],
)
def test_the_story_itself_is_never_offered(twin: Candidate) -> None:
    assert chosen(twin) == []


def test_a_reprint_is_not_offered_though_nobody_noticed_that_it_is_one() -> None:
    reprint = candidate(1, "City celebrates", *LONG[:38])
    follow_up = candidate(2, "City counts the costs", *LONG[:24], *(f"cost{n}" for n in range(12)))
    assert chosen(reprint, follow_up, its=LONG) == [follow_up[0]]


def test_of_two_tellings_of_one_story_one_is_offered() -> None:
    both = (*LONG[:26], *(f"cost{number}" for number in range(14)))
    one, other = candidate(1, "City counts costs", *both), candidate(2, "What was paid", *both[:39])
    assert len(chosen(one, other, its=LONG)) == 1


def test_of_two_with_one_headline_the_more_alike_is_offered() -> None:
    best = candidate(1, "Bridge: tolls end", *BRIDGE)
    short = candidate(2, "BRIDGE: TOLLS END", *BRIDGE[:3])
    assert chosen(short, best) == [best[0]]


def test_two_sources_may_have_one_headline_too_short_to_compare() -> None:
    ours = candidate(1, "The bridge", *BRIDGE)
    theirs = (story("The bridge", story_id=2, url="b", source="Elmstead Post"), BRIDGE)
    assert len(chosen(ours, theirs)) == 2
    again = (story("the Bridge", story_id=3, url="c"), BRIDGE)
    assert len(chosen(ours, again)) == 1


def test_a_story_without_terms_has_no_relations() -> None:
    assert chosen(candidate(1, "Bridge tolls end", *BRIDGE), its=()) == []
    assert chosen() == []


def test_the_editors_own_links_come_first_whatever_they_are_like() -> None:
    own = story("Ferry retires after a century", story_id=1, url="a")
    found = choose_related(
        IT, BRIDGE, [candidate(2, "Tram on the bridge", *BRIDGE)], chosen_by_editors=[TOLLS, own]
    )
    assert [offer.link for offer in found[:2]] == [TOLLS, own]
    assert [offer.score is None for offer in found] == [True, True, False]
    assert MIN_RELEVANCE <= (found[2].score or 0) <= 1


@pytest.mark.parametrize(
    "link",
    [
        EditorLink(title="", url="https://courier.example/tag"),
        EditorLink(title=" \n", url="https://courier.example/tag"),
        EditorLink(title="The bridge again", url=IT.url),
        EditorLink(title="In Lakeside: new bridge opens", url="https://courier.example/amp/9"),
    ],
)
def test_an_own_link_without_a_title_or_to_the_story_itself_is_passed_over(
    link: EditorLink,
) -> None:
    assert choose_related(IT, BRIDGE, [], chosen_by_editors=[link]) == ()


def test_what_the_editor_links_is_not_offered_again() -> None:
    stored = candidate(1, "How much does the ferry cost", *BRIDGE)
    found = choose_related(IT, BRIDGE, [stored], chosen_by_editors=[TOLLS, TOLLS])
    assert [offer.link for offer in found] == [TOLLS]


def test_what_stands_in_the_same_message_is_not_offered() -> None:
    tram = candidate(1, "Tram on the bridge", *LONG[:30])
    retold = candidate(2, "Lakeside celebrates", *LONG[:29], "flag")
    its = (*LONG[:20], *BRIDGE, *FLU)
    assert len(choose_related(IT, its, [tram])) == 1
    assert choose_related(IT, its, [tram, retold], excluded=[tram[0]]) == ()
    own = EditorLink(title="The tram on a bridge", url=tram[0].url)
    assert choose_related(IT, its, [], chosen_by_editors=[own], excluded=[tram[0]]) == ()


def test_terms_are_the_titles_first_and_names_by_their_sound() -> None:
    found = terms("Новий міст відкрили", "Міст відкрив мер Зеленський. Міст будував Зеленський.")
    assert found[0] in terms("міст", "")
    assert any(term.startswith("=") for term in found)
    english = terms("Bridge", "It was opened there by Zelensky.")
    assert {term for term in found if term.startswith("=")} & set(english)


@pytest.mark.parametrize("text", ["", "🎉🎉", "...", "\x00", '" OR "', "а" * 100_000, "ы " * 9_000])
def test_a_text_that_says_nothing_has_few_terms(text: str) -> None:
    assert len(terms(text, text)) <= 2


@given(st.text(), st.text())
def test_terms_are_few_distinct_words_that_a_search_can_ask_for(title: str, text: str) -> None:
    found = terms(title, text)
    assert len(found) == len(set(found)) <= MAX_TERMS
    assert not any('"' in term or " " in term or not term for term in found)
    assert list(query_weights(found)) == [term for term in found if term in query_weights(found)]


def test_a_long_text_has_its_most_telling_terms() -> None:
    found = terms("Bridge", " ".join(f"people word{number}x" for number in range(400)))
    assert len(found) == MAX_TERMS
    assert found[0] == "bridg"


def test_a_search_asks_for_rare_words_by_weight_and_not_for_those_of_every_article() -> None:
    common = terms("Ukraine and Russia: people say", "")
    assert not {"ukrain", "russia"} & set(query_weights(common))
    rare = query_weights((*common, *LONG))
    assert 0 < len(rare) <= MAX_QUERY_TERMS
    assert set(rare) <= {*common, *LONG}
    assert min(rare.values()) > 0


SETS = st.frozensets(st.sampled_from([*LONG, *BRIDGE, "ukrain", "president"]))


@given(SETS, SETS)
def test_likeness_is_symmetric_and_from_0_to_1(one: frozenset[str], other: frozenset[str]) -> None:
    assert 0 <= cosine(one, other) == cosine(other, one) <= 1
    assert cosine(one, one) == pytest.approx(1 if one else 0)
    assert cosine(one, sorted(other)) == cosine(sorted(one, reverse=True), other)
