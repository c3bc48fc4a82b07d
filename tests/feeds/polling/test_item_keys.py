from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.polling.item_keys import (
    KINDS,
    ItemKeys,
    Key,
    KeyName,
    extract_keys,
    identifying_keys,
    pack,
    shared_keys,
    unpack,
    unreliable_kinds,
)
from bot.model import Entry
from tests.support.fakes import NOON

LONG = "Rescuers reach the village that the flood had cut off"
SECOND = timedelta(seconds=1)
FRONT = "https://courier.example/"


def item(
    title: str = "Flood",
    *,
    guid: str = "",
    url: str = "https://courier.example/flood",
    text: str = "It has rained for days.",
    days: float = 0,
    dated: bool = True,
) -> Entry:
    return Entry(
        guid=guid,
        url=url,
        title=title,
        text=text,
        categories=(),
        published_at=NOON + timedelta(days=days),
        dated=dated,
    )


def page(name: object) -> str:
    return f"https://courier.example/{name}"


class Reader:
    """Reads one feed's documents as the poller does, and says which entries are new."""

    def __init__(self) -> None:
        self.known: set[Key] = set()
        self.weak: frozenset[str] = frozenset()

    def read(self, *document: Entry) -> list[Entry]:
        """Return the entries that no key knows; then all are known."""
        every = [extract_keys(entry) for entry in document]
        self.weak = unreliable_kinds(every, already=self.weak)
        found = [
            set(identifying_keys(item_keys, shared=shared_keys(every), weak=self.weak).values())
            for item_keys in every
        ]
        new = [
            entry
            for entry, item_keys in zip(document, found, strict=True)
            if self.known.isdisjoint(item_keys)
        ]
        for item_keys in found:
            assert item_keys
            self.known.update(item_keys)
        return new


def new_after(before: Sequence[Entry], after: Sequence[Entry]) -> list[Entry]:
    reader = Reader()
    assert reader.read(*before) == list(before)
    return reader.read(*after)


def identifying(entry: Entry, *, weak: Collection[str] = ()) -> set[KeyName]:
    """Return the kinds of the keys by which the entry alone is known."""
    item_keys = extract_keys(entry)
    return set(identifying_keys(item_keys, shared=(), weak=weak)) - {"full"}


# A whole document of a feed, and what its publisher may make of it without writing anything new.
WIRE = [
    item(f"{LONG}, {n}", guid=f"http://www.courier.example/?p={n}", url=page(n), days=-n / 24)
    for n in range(1, 21)
]


@pytest.mark.parametrize(
    ("entry", "kinds"),
    [
        (item(guid="tag-1"), {"guid", "link"}),
        (item(), {"bare_guid", "link"}),
        (item(guid=page("a")), {"guid", "bare_guid", "link"}),
        (item(LONG, guid="tag-1"), {"guid", "link", "title"}),
        (item(LONG, guid="tag-1", dated=False), {"guid", "link"}),
        (item(guid="tag-1", url=FRONT), {"guid", "link"}),
    ],
)
def test_i01_i02_an_entry_is_known_by_all_that_it_has(entry: Entry, kinds: set[str]) -> None:
    assert identifying(entry) == kinds


@pytest.mark.parametrize(
    ("entry", "weak", "kinds"),
    [
        (item(guid="tag-1"), {"guid"}, {"link"}),
        (item(guid="tag-1"), {"link"}, {"guid"}),
        (item(guid="tag-1"), {"guid", "link"}, set()),
        (item(url=FRONT), {"guid", "link"}, set()),
        (item(LONG, url=FRONT), {"link"}, {"title"}),
        (item(guid="tag-1"), {"a kind of another version"}, {"guid", "link"}),
    ],
)
def test_i01_where_guid_and_link_say_nothing_it_is_known_by_all_that_it_is(
    entry: Entry, weak: set[str], kinds: set[str]
) -> None:
    assert identifying(entry, weak=weak) == kinds


def test_i01_a_key_has_64_bits_and_fits_an_integer_of_sqlite() -> None:
    found = [
        key
        for n in range(200)
        for key in identifying_keys(extract_keys(item(guid=f"g{n}")), shared=(), weak=()).values()
    ]
    assert all(-(2**63) <= key < 2**63 for key in found)
    assert max(found) > 2**61
    assert min(found) < -(2**61)


def test_i01_keys_of_one_value_and_two_kinds_differ() -> None:
    item_keys = extract_keys(item(guid="courier.example/flood"))
    assert item_keys.guid != item_keys.link


@pytest.mark.parametrize(
    "document",
    [
        [item(str(n), guid="same", url=page(n)) for n in range(9)],
        [item(str(n), guid=f"own-{n}", url=FRONT) for n in range(9)],
        [item(str(n), guid="same", url=FRONT) for n in range(9)],
        [item(str(n), url=FRONT) for n in range(9)],
        [item("Air raid alert", url=FRONT, days=n / 24) for n in range(9)],
        [item("Air raid alert", url=FRONT, text=str(n), dated=False) for n in range(9)],
        [item(LONG, url=page(n)) for n in range(9)],
        [item(str(n), guid=str(n), url=page(f"p{n}")) for n in range(9)],
        [item(str(n), guid=FRONT, url=page(n)) for n in range(9)],
        [item(str(n), guid=page(f"live#{n}"), url=page(f"live#{n}")) for n in range(9)],
    ],
    ids=lambda document: f"{document[0].title}-{document[0].guid}-{document[0].url}",
)
def test_i02_i03_nothing_is_lost_in_a_document_where_all_look_alike(document: list[Entry]) -> None:
    reader = Reader()
    for end, entry in enumerate(document, 1):
        assert reader.read(*document[:end]) == [entry]
    assert reader.read(*reversed(document)) == []
    assert new_after(document[:4], document) == document[4:]


def test_i03_two_items_of_one_guid_and_link_differ_by_their_titles() -> None:
    document = [item("Flood", guid="g"), item("Drought", guid="g"), item("Storm", guid="h")]
    assert new_after(document[:1], [item("Storm", guid="h", url=page("s"))]) != []
    reader = Reader()
    assert reader.read(*document) == document
    assert reader.read(*document[::-1]) == []


@pytest.mark.parametrize(
    "other",
    [
        replace(WIRE[0], title="Storm", url=page("storm")),
        replace(WIRE[0], title="Storm", guid="storm"),
        replace(WIRE[0], title="Storm"),
        replace(WIRE[0], guid="storm", url=page("storm")),
    ],
    ids=["guid", "link", "both", "title"],
)
def test_i03_a_slip_among_many_items_hides_none_and_weakens_nothing(other: Entry) -> None:
    assert new_after(WIRE, [other, *WIRE]) == [other]
    assert unreliable_kinds(map(extract_keys, [other, *WIRE]), already=()) == frozenset()


def test_i03_of_one_guid_and_link_there_may_be_three_items() -> None:
    wire = [item(str(n), guid=f"g{n}", url=page(n)) for n in range(60)]
    second, third = (replace(wire[0], title=title) for title in ("Storm", "Drought"))
    assert new_after([second, *wire], [third, second, *wire]) == [third]


def test_i03_an_item_that_is_in_the_document_twice_is_one() -> None:
    document = [*WIRE[:10], replace(WIRE[0], published_at=WIRE[0].published_at + SECOND)]
    assert new_after(WIRE[:10], document) == []
    assert unreliable_kinds(map(extract_keys, document), already=()) == frozenset()


@pytest.mark.parametrize(
    ("bad", "weak"), [(0, frozenset()), (1, frozenset()), (2, frozenset({"guid"}))]
)
def test_i04_more_than_a_twentieth_without_a_guid_and_guids_do_not_identify(
    bad: int, weak: frozenset[str]
) -> None:
    document = [replace(entry, guid="" if n < bad else f"g{n}") for n, entry in enumerate(WIRE)]
    assert unreliable_kinds(map(extract_keys, document), already=()) == weak


@pytest.mark.parametrize(
    ("document", "weak"),
    [
        ([item(str(n), guid="same", url=page(n)) for n in range(9)], {"guid"}),
        ([item(str(n), guid=f"g{n}", url=FRONT) for n in range(9)], {"link"}),
        ([item(LONG, guid=f"g{n}", url=page(n)) for n in range(9)], {"title"}),
        (
            [item(str(n), guid=f"https://{n}.example/{LONG}") for n in range(9)],
            {"bare_guid", "link"},
        ),
        ([], set()),
    ],
)
def test_i04_what_the_items_of_a_document_share_does_not_identify(
    document: list[Entry], weak: set[str]
) -> None:
    assert unreliable_kinds(map(extract_keys, document), already=()) == weak


def test_i04_items_that_are_no_entries_weaken_nothing() -> None:
    document = [*map(extract_keys, WIRE), ItemKeys(), ItemKeys()]
    assert unreliable_kinds(document, already=()) == frozenset()
    assert shared_keys(document) == frozenset()


def test_i04_a_policy_does_not_flap_back() -> None:
    weak = unreliable_kinds([extract_keys(item())], already=())
    assert weak == {"guid"}
    assert unreliable_kinds(map(extract_keys, WIRE), already=weak) == {"guid"}


def test_i04_a_policy_that_changes_makes_nothing_new() -> None:
    without = [replace(entry, guid="") for entry in WIRE]
    assert new_after(WIRE, without) == []
    assert new_after(without, WIRE) == []


def moved(entry: Entry, old: str, new: str) -> Entry:
    return replace(entry, guid=entry.guid.replace(old, new), url=entry.url.replace(old, new))


@pytest.mark.parametrize(
    ("guid", "url"),
    [
        ("http://courier.example/a", "http://courier.example/a"),
        ("http://courier.example/?p=7", "http://courier.example/2026/03/flood"),
        ("http://courier.example/news/flood-in-the-valley/", "http://courier.example/x"),
        ("http://courier.example/news/1234567", "http://courier.example/x"),
        ("", "http://courier.example/a"),
        ("", "http://courier.example/#story-7"),
        ("tag:courier.example,2005:Article/7", "http://courier.example/articles/7"),
        ("7 at http://courier.example", "http://courier.example/node/7"),
        ("courier.example:1234567", "http://courier.example/x"),
        ("courier.example/flood", "http://courier.example/x"),
        ("//courier.example/flood", "http://courier.example/x"),
        ("wire-7", "http://courier.example/a"),
    ],
)
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("http://", "https://"),
        ("courier.example", "www.courier.example"),
        ("courier.example", "the-courier.test"),
        ("http://courier.example", "https://news.courier.example:8443"),
    ],
)
def test_i05_a_move_to_another_scheme_or_host_makes_nothing_new(
    guid: str, url: str, old: str, new: str
) -> None:
    entry = item(guid=guid, url=url)
    assert new_after([entry], [moved(entry, old, new)]) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: replace(entry, guid="re-issued", url=entry.url),
        lambda entry: replace(entry, url=page("elsewhere")),
        lambda entry: replace(entry, guid="re-issued", url=page("elsewhere")),
        lambda entry: replace(entry, guid="", url=entry.url + "?utm_source=rss"),
        lambda entry: replace(entry, guid=entry.guid + "&utm_campaign=7", url=page("elsewhere")),
    ],
)
def test_i05_one_thing_that_stays_is_enough(change: Callable[[Entry], Entry]) -> None:
    entry = item(LONG, guid="https://courier.example/?p=12345", url=page("flood"))
    assert new_after([entry], [change(entry)]) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # A short title may stand over two articles of a day, a long one over two of two days.
        (item("Курс валют"), item("Курс валют", guid="b", url=page("b"))),
        (item("Повітряна тривога"), item("Повітряна тривога", guid="b", url=page("b"))),
        (item("A b c d e f g h"), item("A b c d e f g h", guid="b", url=page("b"))),
        (item("Extraordinarily-long-announcement"),) * 1
        + (item("Extraordinarily-long-announcement", guid="b", url=page("b")),),
        (item(LONG), item(LONG, guid="b", url=page("b"), days=1)),
        (item(LONG, dated=False), item(LONG, guid="b", url=page("b"), dated=False)),
        # In a feed that gathers many blogs, each has an article 7 and a page about itself.
        (
            item("A", guid="https://a.example/?p=7"),
            item("B", guid="https://b.example/?p=7", url=FRONT + "b"),
        ),
        (
            item("About Ann", guid="https://a.example/about", url="https://a.example/about"),
            item("About Bob", guid="https://b.example/about", url="https://b.example/about"),
        ),
        # The list's first item is tomorrow another one.
        (item(guid="1"), item("Storm", guid="1", url=page("b"))),
        (item(guid="#12"), item("Storm", guid="#12", url=page("b"))),
        # Guids are compared with their case.
        (item(guid="aB"), item(guid="ab", url=page("b"))),
        (
            item(guid="https://c.example/watch/xYz"),
            item("B", guid="https://c.example/watch/XyZ", url=page("b")),
        ),
    ],
)
def test_i05_what_only_looks_alike_is_new(one: Entry, other: Entry) -> None:
    assert new_after([one], [other]) == [other]


@pytest.mark.parametrize("n", range(3))
def test_i06_a_guid_and_a_link_whose_tracking_changes_is_the_same_entry(n: int) -> None:
    url = page(f"flood?id=7&utm_content={n}&fbclid={n * n}")
    assert (
        new_after(
            [item(guid=page("flood?id=7"), url=page("flood?id=7"))], [item(guid=url, url=url)]
        )
        == []
    )


@given(st.text(max_size=30), st.text(max_size=30), st.floats(-30, 30), st.booleans())
def test_i07_with_the_same_guid_all_else_may_change(
    title: str, text: str, days: float, dated: bool
) -> None:
    after = item(title, guid="wire-77", url=page("new"), text=text, days=days, dated=dated)
    assert new_after([item(LONG, guid="wire-77")], [after]) == []


@pytest.mark.parametrize(
    "guid",
    [" wire-77\n", "wire-77", "\twire-77 ", "wire&#45;77"],
)
def test_i24_space_and_escapes_round_a_guid_are_nothing(guid: str) -> None:
    before = item(guid="wire-77", url=page("a"))
    assert new_after([before], [item("Storm", guid=guid, url=page("b"))]) == []


def test_i24_a_guid_is_the_same_composed_or_not() -> None:
    before = item(guid="cafe\u0301-77", url=page("a"))
    assert new_after([before], [item("Storm", guid="caf\u00e9-77", url=page("b"))]) == []


def test_i27_letters_gone_wrong_mint_no_new_identity() -> None:
    before = item("Повінь у Карпатах забрала мости та дороги", guid="wire-77")
    broken = before.title.encode().decode("koi8-u", "replace")
    assert new_after([before], [replace(before, title=broken, text=broken)]) == []
    without = replace(before, guid="")
    assert new_after([without], [replace(without, title=broken)]) == []


def test_a_title_is_the_same_whatever_its_case_and_quotes() -> None:
    before = item(f"«{LONG}»", guid="a", url=page("a"))
    assert new_after([before], [item(LONG.upper(), guid="b", url=page("b"), days=0.1)]) == []


_ITEMS = st.builds(
    item,
    st.sampled_from(["Flood", "Storm", LONG]),
    guid=st.sampled_from(["", "1", "a", "b", page("a"), "http://[", "\ud800"]),
    url=st.sampled_from([page("a"), page("b"), FRONT]),
    days=st.sampled_from([0, 1]),
    dated=st.booleans(),
)


@given(st.lists(_ITEMS, max_size=8), st.randoms(use_true_random=False))
def test_a_document_that_is_read_again_in_any_order_brings_nothing_new(
    document: list[Entry], chance: Random
) -> None:
    reader = Reader()
    reader.read(*document)
    shuffled = list(document)
    chance.shuffle(shuffled)
    assert reader.read(*shuffled) == []


@given(_ITEMS, st.sets(st.sampled_from(KINDS)))
def test_every_entry_has_a_key_even_if_all_is_weak_and_shared(entry: Entry, weak: set[str]) -> None:
    item_keys = extract_keys(entry)
    for twice in (frozenset[Key](), shared_keys([item_keys, replace(item_keys, title=Key(7))])):
        assert identifying_keys(item_keys, shared=twice, weak=weak)
    assert identifying_keys(unpack(pack(item_keys)), shared=(), weak=weak)


@given(_ITEMS)
def test_keys_survive_packing_in_40_bytes(entry: Entry) -> None:
    item_keys = extract_keys(entry)
    assert len(pack(item_keys)) == 40
    assert unpack(pack(item_keys)) == item_keys
    assert unpack(pack(ItemKeys())) == ItemKeys()


def _weak(entries: Iterable[Entry]) -> frozenset[str]:
    return unreliable_kinds((unpack(pack(extract_keys(entry))) for entry in entries), already=())


def test_packed_keys_suffice_to_find_shared_and_weak_ones() -> None:
    document = [item("Air raid alert", guid="same", url=FRONT, days=n / 24) for n in range(9)]
    every = [extract_keys(entry) for entry in document]
    assert shared_keys(map(unpack, map(pack, every))) == shared_keys(every)
    assert _weak(WIRE) == frozenset()


@pytest.mark.parametrize(
    ("title", "distinctive"),
    [
        ("Rescuers reach mountain village again", True),
        ("Rescuers reach mountain villageagain", False),
        ("Rescuers reach a remote village at", False),
        ("Rescuers reach a remote village now, 2026", True),
    ],
)
def test_i05_a_title_identifies_from_five_words_and_thirty_letters_on(
    title: str, distinctive: bool
) -> None:
    assert extract_keys(item(title)).distinctive is distinctive
