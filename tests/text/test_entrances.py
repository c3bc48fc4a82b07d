"""Where text of others enters the code, and where it reaches the operator's terminal: by rule.

A module that reads such text in a new place fails here until it is listed, and what it reads is
pushed through it below.
"""

import ast
import dataclasses
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import chdir
from itertools import chain
from pathlib import Path

import pytest
from aiogram import Bot
from multidict import CIMultiDict
from pydantic import BaseModel

import bot
from bot.cli.common import echo
from bot.errors import SetupError
from bot.feeds.catalogue import read_catalogue
from bot.feeds.discovery.autodiscovery import find_feed_links
from bot.feeds.discovery.typed_address import read_address
from bot.feeds.formats.parse import parse
from bot.feeds.http.headers import header, list_header, location
from bot.settings import read_settings
from bot.stories.page_extraction import extract_page
from bot.telegram.api.lenient_parsing import load_update
from bot.telegram.api.sessions import LenientSession
from bot.topics import read_topics
from bot.web import opml
from bot.web.encoding import decode
from tests.support.fakes import NOON, TOKEN

CODE = Path(bot.__file__).parent

# What nobody can store: NUL and lone surrogates; and what no terminal may obey.
HOSTILE = "a\0b\ud800c\x1b[2Jd\x9be\u202ef\udfffg"
# The same as bytes that somebody may send, though no encoding has them.
RAW = HOSTILE.encode("utf-8", "surrogatepass")
REFERENCES = "".join(f"&#{ord(letter)};" if not letter.isalnum() else letter for letter in HOSTILE)
# As aiohttp decodes the bytes of a header.
HEADERS = CIMultiDict({"x": (b"\xff\xfe\xfd" + RAW).decode("utf-8", "surrogateescape")})

READERS = {"json.loads", "json.load", "tomllib.loads", "tomllib.load", "os.environ", "sys.argv"}
READING_METHODS = (".headers.get", ".headers.getall", "headers.get", "headers.getall")
# The places that read text of others, and those that read none.
ENTRANCES = {
    "feeds/http/headers.py": "headers.get headers.getall",
    "feeds/catalogue.py": "tomllib.loads",
    "topics.py": "tomllib.loads",
    "text/safe.py": "json.loads",
    "settings.py": "os.environ",
}
OUR_OWN = {
    "stories/topics/model.py": "a file of resources",
    "stories/matching/story_model.py": "a file of resources",
    "stories/topics/vector_head.py": "a file of resources",
    "ready_words/lists.py": "a file of resources",
    "typed/choices.py": "a file of resources",
    "typed/clocks.py": "a file of resources",
    "typed/commands.py": "a file of resources",
    "typed/subjects.py": "a file of resources",
    "typed/tokens.py": "a file of resources",
    "stories/embedding.py": "sets a variable of a library",
    "telegram/updates/webhook.py": "compares a secret as bytes",
}


def calls(path: Path) -> Iterator[str]:
    """Yield the names of what a module reads from, as it writes them."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            name = ast.unparse(node)
            if name in READERS:
                yield name
            elif name.endswith(READING_METHODS):
                yield name[name.rindex("headers") :]


def test_every_place_that_reads_text_of_others_is_known() -> None:
    read = {
        str(path.relative_to(CODE)): " ".join(sorted(set(calls(path))))
        for path in sorted(CODE.rglob("*.py"))
        if not path.is_relative_to(CODE / "storage")  # what is stored was made storable
    }
    assert {place: names for place, names in read.items() if names and place not in OUR_OWN} == (
        ENTRANCES
    )


def texts(value: object) -> Iterator[str]:
    """Yield all texts within a value, whatever it is made of."""
    if isinstance(value, str):
        yield value
    else:
        yield from chain.from_iterable(map(texts, parts(value)))


def parts(value: object) -> Iterable[object]:
    match value:
        case dict():
            return list(value.items())
        case list() | tuple() | set() | frozenset():
            return value
        case BaseModel():
            return [value.model_dump()]
        case _ if dataclasses.is_dataclass(value):
            return [getattr(value, field.name) for field in dataclasses.fields(value)]
        case _:
            return ()


def rss(text: str | bytes, *, declared: bytes = b"") -> bytes:
    item = (
        "<item><guid>{0}</guid><title>{0} Bridge</title><link>https://a.example/{0}</link>"
        "<category>{0}</category><description>{0} &lt;p&gt;The bridge is open.</description></item>"
    )
    raw = text if isinstance(text, bytes) else text.encode()
    body = f'<rss version="2.0"><channel><title>C</title>{item}</channel></rss>'.encode()
    return declared + body.replace(b"{0}", raw)


def json_feed() -> bytes:
    fields = dict.fromkeys(("id", "title", "content_html", "content_text", "summary"), HOSTILE)
    fields["url"] = f"https://a.example/{HOSTILE}"
    items = [fields | {"tags": [HOSTILE]}]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items}).encode()


def feed(document: bytes) -> object:
    return parse(document, url="https://a.example/rss", content_type=HEADERS["x"], fetched_at=NOON)


def page(text: bytes) -> bytes:
    words = b"<p>%s The bridge over the river was opened on Monday by the mayor of the town.</p>"
    return (
        b"<html><title>%s</title><h1>%s</h1><article>" % (text, text)
        + words % text * 5
        + b'<p>Read also: <a href="/%s">%s The bridge is nearly done, says the mayor</a></p>'
        % (text, text)
        + b"</article></html>"
    )


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def telegram_answer() -> object:
    chat = {"title": HOSTILE, HOSTILE: [HOSTILE]}
    return LenientSession().json_loads(json.dumps({"result": chat}))


def update() -> object:
    chat = {"id": 1, "type": "private", "first_name": HOSTILE}
    message = {"message_id": 1, "date": 1, "chat": chat, "text": f"/follow {HOSTILE}"}
    return load_update(json.dumps({"update_id": 1, "message": message}), Bot(TOKEN))


TOML = r"a\u0000b\u001b[2J\u202e\u009b"
READ: dict[str, Callable[[Path], object]] = {
    "header": lambda _: header(HEADERS, "x"),
    "list of headers": lambda _: list_header(HEADERS, "x"),
    "redirect": lambda _: location(CIMultiDict({"Location": HEADERS["x"]})),
    "bytes": lambda _: decode(RAW, content_type=HEADERS["x"]),
    "UTF-16": lambda _: decode(HOSTILE.encode("utf-16", "surrogatepass"), content_type=None),
    "RSS": lambda _: feed(rss(RAW)),
    "RSS of references": lambda _: feed(rss(REFERENCES)),
    "RSS of references twice escaped": lambda _: feed(rss(REFERENCES.replace("&", "&amp;"))),
    "JSON Feed": lambda _: feed(json_feed()),
    "page": lambda _: extract_page(page(RAW), url="https://a.example/x", content_type=None),
    "page of references": lambda _: extract_page(
        page(REFERENCES.encode()), url="https://a.example/x", content_type=HEADERS["x"]
    ),
    "page of a site": lambda _: find_feed_links(
        f'<link rel="alternate" type="application/rss+xml" href="/{REFERENCES}" title="{HOSTILE}">',
        url="https://a.example/",
    ),
    "OPML": lambda _: opml.parse(
        b'<opml><body><outline text="%s" xmlUrl="https://a.example/%s"/></body></opml>'
        % (RAW, REFERENCES.encode())
    ),
    "feeds.toml": lambda folder: read_catalogue(
        written(
            folder,
            "feeds.toml",
            f'[[feeds]]\nurl = "https://a.example/{TOML}"\nsource = "{TOML}"\nlanguage = "en"\n',
        )
    ),
    "topics.toml": lambda folder: list(
        read_topics(
            written(
                folder,
                "topics.toml",
                f'[x]\nemoji = "x"\naliases = ["{TOML}"]\n'
                f'[x.names]\nuk = "{TOML}"\nru = "{TOML}"\nen = "{TOML}"\n',
            )
        )
    ),
    "address": lambda _: read_address(f"https://a.example/{HOSTILE}"),
    "answer of Telegram": lambda _: telegram_answer(),
    "update": lambda _: update(),
}


@pytest.mark.parametrize("entrance", READ)
def test_what_enters_can_be_stored(entrance: str, tmp_path: Path) -> None:
    found = list(texts(READ[entrance](tmp_path)))
    assert found
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE TABLE x (text TEXT NOT NULL) STRICT")
        for text in found:
            database.execute("INSERT INTO x VALUES (?)", (text,))
        rows = database.execute("SELECT text, length(text) FROM x").fetchall()
    # At NUL the functions of SQL would end the text.
    assert rows == [(text, len(text)) for text in found]


@pytest.mark.parametrize("entrance", READ)
def test_what_enters_can_be_printed(
    entrance: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for text in texts(READ[entrance](tmp_path)):
        echo(text)
    assert not set(capsys.readouterr().out) & set("\0\x1b\x9b\u202e\ud800\udfff")


def test_a_setting_that_no_path_can_hold_is_refused_in_a_sentence_that_can_be_printed(
    tmp_path: Path,
) -> None:
    (tmp_path / ".env").write_bytes(b"DATABASE='a\0b\x1b.db'\n")
    with chdir(tmp_path), pytest.raises(SetupError) as refusal:
        read_settings()
    assert "\0" not in str(refusal.value)


def test_all_that_commands_print_goes_through_one_function() -> None:
    strays = [
        f"{path.name}:{node.lineno}"
        for path in sorted((CODE / "cli").glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("click.echo", "click.secho", "print", "sys.stdout.write")
        and path.name != "common.py"
    ]
    assert strays == []
