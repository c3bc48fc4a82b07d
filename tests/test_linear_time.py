"""Every public function that takes text of others reads it in linear time.

The functions are found in the packages, and their arguments are built by their annotations, so
that a new function is tried as soon as there is one. In the suite each gets a part of the shapes,
another part than its neighbour, and must be far from quadratic on the busiest of machines;
`make linear` tries all of them and demands what a quiet machine shows, for a quarter of an hour.
"""

import gc
import inspect
import os
import pkgutil
import re
import sys
import types
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import import_module
from itertools import islice
from time import process_time
from typing import Any, Literal, NamedTuple, NewType, Union, get_args, get_origin, get_type_hints

import pytest
from lxml.html import HtmlElement, document_fromstring

import bot
from bot.errors import FeedError, ReadAlsoError
from bot.i18n import Translator, speak
from bot.stories.topics.model import TopicModel, read_model
from bot.topics import Topics
from tests.support.builders import TOPICS
from tests.support.fakes import NOON
from tests.support.hostile_text import SHAPES, Shape, openings, repeated

# Others hold what these have read, or short input: a command, a button, a setting.
PACKAGES = (
    *("feeds.discovery", "feeds.formats", "feeds.http", "feeds.polling", "rendering", "stories"),
    *("story_filter", "telegram.deep_links", "text", "timezones", "topics", "typed", "web"),
)
SMALL, LARGE = 16_000, 64_000
# Linear work takes four times as long and quadratic sixteen times; a cache of the processor that
# the large text does not fit in makes six of four, and seven beside others.
MAX_RATIO = 6 if os.environ.get("ALL_SHAPES") else 10
ATTEMPTS = 12
# A larger ratio is not measured again.
BEYOND_NOISE = 14
# Of a pattern; more are other words of a long list.
MAX_OPENINGS = 4
# What takes less is not compared: at the large size less than a message waits for anyway. At the
# small size a sixteenth of that, which work for each two characters would make as much.
NEGLIGIBLE = 0.02
# An address is cut or refused where it enters; beside another text it has at most so many.
MAX_URL_CHARS = 2048

# One shape in so many is tried in the suite.
EVERY = 16
ALL_SHAPES = bool(os.environ.get("ALL_SHAPES"))

EXCEPTIONS = {
    "feeds.polling.ingest.unpack_items": "bytes that the bot packed",
    "feeds.polling.item_keys.unpack": "bytes that the bot packed",
    "rendering.story.to_plain_text": "a message of the bot's own, of at most 4,096 characters",
    "feeds.http.headers.list_header": "a header has at most 8,190 bytes",
    "stories.matching.fingerprint.search_keys": "a fingerprint, of at most 190 keys",
    "stories.matching.fingerprint.search_weights": "a fingerprint, of at most 190 keys",
    "stories.matching.similarity.gather_evidence": "fingerprints, of at most 190 keys each",
    "stories.matching.clustering.decide": "fingerprints, of at most 190 keys each",
    "stories.matching.clustering.rank_matches": "fingerprints, of at most 190 keys each",
    "feeds.http.ssrf_guard.public_only_socket": "an address that the resolver returned",
    "text.spelling.edit_distance": "two words of at most 42 letters",
    "typed.tokens.tokenize": "a text that `clean` returned, of at most 200 characters",
    "typed.tokens.Cursor.take": "the kinds of tokens that a reader of grammar names",
    "typed.tokens.Cursor.skip": "the kinds of tokens that a reader of grammar names",
}

VALUES: Mapping[object, object] = {
    datetime: NOON,
    timedelta: timedelta(hours=1),
    bool: False,
    int: 1,
    float: 1.0,
    object: None,
    Callable[[str], str]: str,
    FeedError: FeedError("no feed"),
    Topics: TOPICS,
    Translator: speak("en"),
    TopicModel: read_model(),
}
SEQUENCES = (tuple, list, Sequence, Iterable, Collection)


class Reader(NamedTuple):
    """A function that takes text, and the types of its arguments."""

    name: str
    module: types.ModuleType
    function: Callable[..., object]
    types: Mapping[str, Any]


def modules() -> Iterator[types.ModuleType]:
    for found in pkgutil.walk_packages(bot.__path__, "bot."):
        if f"{found.name}.".startswith(tuple(f"bot.{each}." for each in PACKAGES)):
            yield import_module(found.name)


def public_functions(module: types.ModuleType) -> Iterator[tuple[str, Any]]:
    for name, value in vars(module).items():
        if name.startswith("_") or getattr(value, "__module__", None) != module.__name__:
            continue
        if not inspect.isclass(value):
            yield name, inspect.unwrap(value) if callable(value) else value
        elif is_value(value):
            methods = [(each, vars(value)[each]) for each in vars(value) if each[0] != "_"]
            yield from ((f"{name}.{each}", method) for each, method in methods)


def is_value(kind: type) -> bool:
    """Return whether objects of the class are values; others are workers, or ask some."""
    with suppress(TypeError):
        return (kind in VALUES or is_dataclass(kind)) and value_of(kind, "") is not None
    return False


def readers() -> Iterator[Reader]:
    """Yield what takes text. What is asynchronous reads nothing itself: it calls what does."""
    for module in modules():
        for name, function in public_functions(module):
            full_name = f"{module.__name__}.{name}".removeprefix("bot.")
            if inspect.isfunction(function) and full_name not in EXCEPTIONS:
                kinds = argument_types(function, getattr(module, name.partition(".")[0]))
                is_asynchronous = inspect.iscoroutinefunction(function)
                if any(map(holds_text, kinds.values())) and not is_asynchronous:
                    yield Reader(full_name, module, function, kinds)


def argument_types(function: Callable[..., object], owner: type) -> dict[str, Any]:
    """Return the types of the arguments that must be given, or that hold text."""
    hints = get_type_hints(function) | {"self": owner}
    return {
        name: hints[name]
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.default is parameter.empty or holds_text(hints[name])
    }


def holds_text(kind: Any) -> bool:
    if kind in (str, bytes, HtmlElement):
        return True
    origin = get_origin(kind)
    if origin in (Literal, Callable) or isinstance(kind, NewType) or kind in VALUES:
        return False
    if is_dataclass(kind):
        return any(map(holds_text, get_type_hints(kind).values()))
    return any(map(holds_text, get_args(kind)))


def value_of(kind: Any, text: str) -> Any:  # noqa: C901, PLR0911, PLR0912
    """Return a value of the type, with the text wherever it can hold text."""
    origin, arguments = get_origin(kind), get_args(kind)
    if kind is str or kind is bytes:
        return text if kind is str else text.encode()
    if kind is HtmlElement:
        return document_fromstring(f"<p>{text}</p>")
    if kind in VALUES:
        return VALUES[kind]
    if isinstance(kind, NewType):
        return value_of(kind.__supertype__, "war")
    if origin is Literal:
        return arguments[0]
    if origin in (Union, types.UnionType):
        is_optional = types.NoneType in arguments
        kind = next(filter(holds_text, arguments), None if is_optional else arguments[0])
        return None if kind is None else value_of(kind, text)
    if origin is tuple and arguments[-1] is not ...:
        return tuple(value_of(each, text) for each in arguments)
    if origin in SEQUENCES or origin in (set, frozenset):
        # A list of texts is one text in parts; of rows there are as many as we ask for.
        parts = text.split() if arguments[0] is str else [text]
        return (origin if origin in (set, frozenset) else tuple)(
            value_of(arguments[0], part) for part in parts
        )
    if origin in (dict, Mapping):
        return {}
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        given = {field.name: hints[field.name] for field in fields(kind) if field.init}
        return kind(**{name: value_of(each, text) for name, each in given.items()})
    raise TypeError(f"no value of {kind} is known: add one, or say why none of others' text comes")


def arguments_of(reader: Reader, text: str) -> dict[str, Any]:
    n_texts = sum(map(holds_text, reader.types.values()))
    return {
        name: value_of(kind, text[:MAX_URL_CHARS] if name == "url" and n_texts > 1 else text)
        for name, kind in reader.types.items()
    }


@cache
def own_shapes(module: types.ModuleType) -> Mapping[str, Shape]:
    """Return a shape for each opening of the module's patterns."""
    units = {unit for value in vars(module).values() for unit in openings_in(value)}
    return {repr(unit): repeated(unit) for unit in sorted(units)}


def openings_in(value: object) -> Iterator[str]:
    if isinstance(value, re.Pattern):
        yield from islice(openings(value), MAX_OPENINGS)
    elif isinstance(value, Mapping):
        yield from openings_in(tuple(value.values()))
    elif isinstance(value, tuple):
        for each in value:
            yield from openings_in(each)


def seconds(reader: Reader, text: str) -> float:
    arguments = arguments_of(reader, text)
    # An error is an answer too; that the stack was exceeded is one only where that is documented.
    documented = "RecursionError:" in (reader.function.__doc__ or "")
    with uncollected():
        began = process_time()
        with suppress(*ANSWERS, *[RecursionError] * documented):
            result = reader.function(**arguments)
            if isinstance(result, Iterator):
                list(result)
        return process_time() - began


@contextmanager
def uncollected() -> Iterator[None]:
    """Leave the garbage for later: what other tests have left is no work of the function's."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


ANSWERS = (ValueError, LookupError, OSError, StopIteration, ReadAlsoError)


@cache
def sample(shape: Shape, length: int) -> str:
    return shape(length)


def is_linear(reader: Reader, shape: Shape) -> bool:
    small, large = sample(shape, SMALL), sample(shape, LARGE)
    best_small = seconds(reader, small)
    if best_small < NEGLIGIBLE / 16:
        return True
    best_large = seconds(reader, large)
    for _ in range(ATTEMPTS - 1):
        if best_large <= max(MAX_RATIO * best_small, NEGLIGIBLE):
            return True
        best_small = min(best_small, seconds(reader, small))
        best_large = min(best_large, seconds(reader, large))
        if best_large > BEYOND_NOISE * best_small and best_large > 0.2:
            return False
    return best_large <= max(MAX_RATIO * best_small, NEGLIGIBLE)


READERS = list(readers())


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_a_function_that_takes_text_of_others_reads_it_in_linear_time(reader: Reader) -> None:
    shapes = {**SHAPES, **own_shapes(reader.module)}
    if not ALL_SHAPES:
        shapes = dict(islice(shapes.items(), READERS.index(reader) % EVERY, None, EVERY))
    assert [name for name, shape in shapes.items() if not is_linear(reader, shape)] == []


def test_the_functions_are_found() -> None:
    found = {reader.name for reader in READERS}
    assert found >= {
        "stories.sentences.split_sentences",
        "stories.related.terms",
        "stories.page_extraction.longest_text",
        "web.opml.parse",
        "feeds.formats.parse.parse",
        "topics.Topics.find",
        "rendering.story.render_story",
    }
    assert len(found) > 100


def test_an_exception_names_a_function_that_is_there() -> None:
    names = {
        f"{m.__name__}.{n}".removeprefix("bot.") for m in modules() for n, _ in public_functions(m)
    }
    assert EXCEPTIONS.keys() <= names


def search(text: str) -> object:
    return re.search(r"[^\s]*$", text[: len(text) // 8] + " ")


def substitute(text: str) -> object:
    return re.sub(r"a+b", "", text[: len(text) // 8])


def cut(text: str) -> object:
    return [text[start:].casefold() for start in range(0, len(text), 16)][-1]


@pytest.mark.parametrize("function", [search, substitute, cut])
def test_quadratic_time_is_noticed(function: Callable[[str], object]) -> None:
    reader = Reader("", sys.modules[__name__], function, {"text": str})
    # A busy machine can make the small text look slow, but hardly each time.
    assert not all(is_linear(reader, repeated("a")) for _ in range(5))


def test_linear_time_is_not() -> None:
    reader = Reader("", sys.modules[__name__], lambda text: [*map(ord, text)] * 4, {"text": str})
    assert is_linear(reader, repeated("a"))
