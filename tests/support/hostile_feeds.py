"""Hostile documents by name, each built on demand."""

import base64
import json
import zlib
from collections.abc import Callable, Mapping

_ITEM = "<item><title>Bridge</title><link>https://courier.example/a</link>{}</item>"
_JSON_FEED = '{"version": "https://jsonfeed.org/version/1.1", "items": [%s]}'


def _rss(body: str, *, before: str = "", base: str = "") -> bytes:
    return f"{before}<rss version='2.0'{base}><channel>{body}</channel></rss>".encode()


def _item(more: str) -> bytes:
    return _rss(_ITEM.format(more))


def _described(text: str) -> bytes:
    return _item(f"<description>{text}</description>")


def _atom(body: str) -> bytes:
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{body}</feed>'.encode()


def _json(items: str) -> bytes:
    return (_JSON_FEED % items).encode()


def _declared(encoding: str, *, body: str = "") -> bytes:
    return _rss(_ITEM.format(body), before=f'<?xml version="1.0" encoding="{encoding}"?>')


def _billion_laughs() -> bytes:
    lines = [
        f'<!ENTITY l{level} "{f"&l{level - 1};" * 10}">' if level else '<!ENTITY l0 "lol">'
        for level in range(10)
    ]
    return _rss(_ITEM.format("&l9;"), before=f"<!DOCTYPE rss [{''.join(lines)}]>")


def _quadratic_entity() -> bytes:
    big = f'<!DOCTYPE rss [<!ENTITY a "{"a" * 60_000}">]>'
    return _rss(_ITEM.format("&a;" * 30_000), before=big)


def _external(target: str) -> bytes:
    doctype = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{target}">]>'
    return _rss(_ITEM.format("<description>&x;</description>"), before=doctype)


def _many(count: int, more: str = "") -> bytes:
    return _rss("".join(_ITEM.format(f"<guid>{n}</guid>{more}") for n in range(count)))


INPUTS: Mapping[str, Callable[[], bytes]] = {
    # Tags and attributes.
    "50,000 attributes on one tag": lambda: _item(
        "<a " + " ".join(f'b{n}="c"' for n in range(50_000)) + "/>"
    ),
    "250 attributes on each of 200 tags": lambda: _item(
        ("<a " + " ".join(f'b{n}="c"' for n in range(250)) + "/>") * 200
    ),
    "an attribute of a megabyte": lambda: _item(f"<a b='{'c' * 1_000_000}'/>"),
    "an attribute that is never closed": lambda: _item('<a b="' + "c" * 200_000),
    "300,000 times <": lambda: _item("<" * 300_000),
    "300,000 times &lt;": lambda: _described("&lt;" * 300_000),
    "300,000 times &": lambda: _described("&" * 300_000),
    "100,000 times ]]>": lambda: _described("]]>" * 100_000),
    "everything unclosed": lambda: b"<rss><channel><item><title>a" * 20_000,
    "everything closed twice": lambda: _rss("</item></channel></rss>" * 30_000),
    "a depth of 100,000": lambda: _item("<a>" * 100_000),
    "a depth of 100,000, closed": lambda: _item("<a>" * 100_000 + "</a>" * 100_000),
    "20,000 namespaces": lambda: _item(
        "".join(f"<n{n}:a xmlns:n{n}='urn:{n}'/>" for n in range(20_000))
    ),
    "20,000 bases": lambda: _item(
        "".join(f"<a xml:base='http://e.example/{n}/'>" for n in range(20_000))
    ),
    "a base of a megabyte": lambda: _rss(
        _ITEM.format(""), base=f' xml:base="http://e.example/{"a" * 30_000}"'
    ),
    "20,000 entries with a base": lambda: _atom(
        "<entry xml:base='http://e.example/x/'><id>a</id><link href='b'/></entry>" * 20_000
    ),
    "20,000 pieces of XHTML": lambda: _atom(
        "<entry><id>1</id><title>a</title><link href='/a'/><content type='xhtml'>"
        + "<div xmlns='http://www.w3.org/1999/xhtml'>" * 20_000
    ),
    # Comments and CDATA.
    "50,000 comments, escaped": lambda: _described("&lt;!--" * 50_000),
    "50,000 comments begun": lambda: _item("<!--" * 50_000),
    "50,000 comments": lambda: _item("<!-- <item> -->" * 50_000),
    "CDATA that is never closed": lambda: _item("<description><![CDATA[" + "a" * 200_000),
    "50,000 CDATA begun": lambda: _item("<![CDATA[" * 50_000),
    "an item inside CDATA": lambda: _described(f"<![CDATA[{_ITEM * 400}]]>"),
    "an item inside a comment": lambda: _item(f"<!-- {_ITEM * 400} -->"),
    "50,000 instructions begun": lambda: _item("<?a " * 50_000),
    # Entities and what they may reach.
    "a billion laughs": _billion_laughs,
    "a quadratic entity": _quadratic_entity,
    "a local file": lambda: _external("file:///etc/passwd"),
    "an endless file": lambda: _external("file:///dev/zero"),
    "a private address": lambda: _external("http://127.0.0.1:9/secret"),
    "an external DTD": lambda: _rss(
        _ITEM.format("&x;"), before='<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/x.dtd">'
    ),
    "a parameter entity": lambda: _rss(
        _ITEM.format(""),
        before='<!DOCTYPE rss [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]>',
    ),
    "a DOCTYPE that is never closed": lambda: b"<!DOCTYPE rss [" + b"<!ENTITY a 'b'>" * 20_000,
    "an inclusion": lambda: _item(
        "<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='file:///etc/passwd'/>"
    ),
    "numbers of no character": lambda: _described("&#xD800;&#0;&#x110000;&#99999999999;" * 5_000),
    # Much of everything.
    "100,000 items": lambda: _many(100_000),
    "100,000 empty items": lambda: _rss("<item/>" * 100_000),
    "100,000 items begun": lambda: _rss("<item>" * 100_000),
    "an item of 2 MB of HTML": lambda: _described("&lt;p>слово &lt;b>слово&lt;/b>&lt;/p>" * 40_000),
    "60,000 links": lambda: _described("&lt;a href='http://e.example/'>" * 60_000),
    "60,000 bare links": lambda: _item("<a href='/b'/>" * 60_000),
    "50,000 nested divisions": lambda: _described("&lt;div>" * 50_000),
    "a title of 10 MB": lambda: _item("").replace(b"Bridge", "слово ".encode() * 900_000),
    "a title of one word of 5 MB": lambda: _item("").replace(b"Bridge", b"a" * 5_000_000),
    "a guid of 5 MB": lambda: _item(f"<guid>{'g' * 5_000_000}</guid>"),
    "a link of 5 MB": lambda: _rss(f"<item><title>a</title><link>/{'a' * 5_000_000}</link></item>"),
    "a date of a megabyte": lambda: _item(f"<pubDate>{'1 ' * 500_000}</pubDate>"),
    "an author of a megabyte": lambda: _item(f"<author>{'a.' * 500_000}</author>"),
    "a category of 5 MB": lambda: _item(f"<category>{'c' * 5_000_000}</category>"),
    "50,000 categories": lambda: _item(
        "".join(f"<category>{n}</category>" for n in range(50_000))
    ),
    "50,000 enclosures": lambda: _item("<enclosure url='http://e.example/a' length='1'/>" * 50_000),
    "a polygon of 300,000 numbers": lambda: _item(
        f"<georss:polygon xmlns:georss='http://www.georss.org/georss'>{'1 2 ' * 150_000}"
        "</georss:polygon>"
    ),
    "100,000 hours to skip": lambda: _rss(f"<skipHours>{'<hour>1</hour>' * 100_000}</skipHours>"),
    "a megabyte of white space": lambda: b" " * 1_000_000 + _item(""),
    "a megabyte of white space in a tag": lambda: _item("<a" + " " * 1_000_000 + "/>"),
    # Letters.
    "zero bytes": lambda: b"\0" * 1_000_000,
    "zero bytes between": lambda: _described("a\0b" * 100_000),
    "noise": lambda: zlib.compress(bytes(range(256)) * 4_000) * 40,
    "three byte order marks": lambda: b"\xef\xbb\xbf" * 3 + _item(""),
    "a mark of UTF-16 before UTF-8": lambda: b"\xff\xfe" + _item(""),
    "a mark of UTF-32 and no letter": lambda: b"\xff\xfe\0\0\xff",
    "half a letter of UTF-16": lambda: _item("").decode().encode("utf-16") + b"\xd8",
    "over-long UTF-8": lambda: _described("").replace(b"<d", b"\xc0\xbcscript\xc0\xbe<d"),
    "surrogates in UTF-8": lambda: _item("").replace(b"Bridge", b"\xed\xa0\x80\xed\xb0\x80"),
    "punycode": lambda: _declared("punycode", body="a" * 300_000),
    "undefined": lambda: _declared("undefined"),
    "zip": lambda: _declared("zip"),
    "base64": lambda: b'<?xml version="1.0" encoding="base64"?>' + base64.b64encode(_item("")),
    "idna": lambda: _declared("idna", body="a" * 300_000),
    "utf-7": lambda: _declared("utf-7", body="+ADw-script+AD4-"),
    "unicode_escape": lambda: _declared("unicode_escape", body="\\x3cscript\\x3e"),
    "an encoding of a megabyte": lambda: _declared("a" * 1_000_000),
    "accents without end": lambda: _item("").replace(b"Bridge", "a\u0301\u0301".encode() * 200_000),
    "a title that turns the writing": lambda: _item("").replace(
        b"Bridge", "\u202egnp.exe\u2066\u200b\u200f\ufeff".encode() * 1000
    ),
    "a title that cannot be seen": lambda: _item("").replace(b"Bridge", "\u200b".encode() * 9999),
    # Addresses.
    "javascript": lambda: _item("").replace(b"https://courier.example/a", b"javascript:alert(1)"),
    "javascript as a base": lambda: _rss(_ITEM.format(""), base=' xml:base="javascript:alert(1)"'),
    "a file as a link": lambda: _item("").replace(b"https://courier.example/a", b"file:///etc/x"),
    "a broken host": lambda: _item("").replace(b"courier.example", b"[::1"),
    "a port of no number": lambda: _item("").replace(b"courier.example", b"e.example:9999999"),
    "a host of 5,000 labels": lambda: _item("").replace(b"courier.example", "ї.".encode() * 5000),
    # JSON.
    "JSON of a depth of 100,000": lambda: _json('{"a":' * 100_000),
    "JSON of a depth of 900": lambda: _json(
        '{"url": "/a", "title": "a", "b": %s}' % ("[" * 900 + "]" * 900)
    ),
    "JSON lists without end": lambda: b'{"items": ' + b"[" * 1_000_000,
    "a number of a million digits": lambda: _json(
        '{"id": %s, "url": "/a", "title": "a"}' % ("9" * 1_000_000)
    ),
    "a float beyond all": lambda: _json('{"id": 1e999999, "url": "/a", "title": "a"}'),
    "a date beyond all": lambda: _json('{"date_published": 1e999, "url": "/a", "title": "a"}'),
    "NaN": lambda: _json('{"id": NaN, "title": Infinity, "url": "/a"}'),
    "keys that stand twice": lambda: _json('{"id": "1", "id": "2", "url": "/a", "title": "a"}'),
    "200,000 keys": lambda: _json(json.dumps({str(n): n for n in range(200_000)})),
    "lone surrogates": lambda: _json(r'{"id": "\ud800", "url": "/\udfff", "title": "\ud83d a"}'),
    "100,000 JSON items": lambda: _json(", ".join(['{"url": "/a", "title": "a"}'] * 100_000)),
    "items of other kinds": lambda: _json('null, 5, "a", [], {"tags": [{}, null, [[]]]}'),
    "a JSON title of 5 MB": lambda: _json('{"url": "/a", "title": "%s"}' % ("a <b>" * 1_000_000)),
    "JSON cut off": lambda: _json('{"url": "/a"}')[:-3],
}  # fmt: skip
