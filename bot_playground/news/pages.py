"""Feeds (RSS, Atom) and HTML pages of the newspapers."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from html import escape

from bot_playground.news.script import NewsScript, Report, Source

# As many as in a real feed: older articles stay on the site only.
MAX_FEED_ITEMS = 30
MAX_RELATED = 3
# Of the pictures, in pixels.
PICTURE_SIDES = (640, 336)

_MEDIA_NAMESPACE = ' xmlns:media="http://search.yahoo.com/mrss/"'

_STYLE = """
:root { --ink: #1d2126; --paper: #fffdf9; --dim: #6b665c;
  --line: #c9c2b4; --box: #f4efe4; --link: #1f6fb2 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8e6e1; --paper: #17191c; --dim: #a09a8e;
    --line: #3b3f45; --box: #22262b; --link: #7db9ea }
}
body { font: 18px/1.6 Georgia, "Liberation Serif", serif;
  color: var(--ink); background: var(--paper);
  max-width: 680px; margin: 0 auto; padding: 0 20px 40px }
a { color: var(--link) }
header { border-bottom: 3px double var(--line); margin-bottom: 28px; padding: 22px 0 12px }
header strong { font-size: 26px }
header p, time, footer { color: var(--dim); font-size: 15px; margin: 2px 0 10px }
nav a { font: 15px/1.6 Arial, sans-serif; margin-right: 16px;
  text-decoration: none; white-space: nowrap }
h1 { font-size: 32px; line-height: 1.2; margin: 0 0 8px }
h2 { font-size: 18px; margin: 0 0 8px }
article img { width: 100%; height: auto; border-radius: 10px }
aside { margin-top: 36px; padding: 16px 20px; background: var(--box); border-radius: 10px }
ul { margin: 0; padding-left: 20px }
footer { margin-top: 40px }
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedArticle:
    """A report that is published."""

    report: Report
    published_at: datetime


def feed_path(source: Source) -> str:
    """Return the path of a newspaper's feed."""
    return f"/{source.slug}/{'atom' if source.format == 'atom' else 'rss'}.xml"


def feed(
    source: Source, articles: Sequence[PublishedArticle], *, news_script: NewsScript, url: str
) -> bytes:
    """Return the newspaper's feed, newest first, in its own format and encoding.

    `articles` are those of the newspaper, oldest first; the newest 30 are in the feed.
    """
    first = max(0, len(articles) - MAX_FEED_ITEMS)
    newest = [
        (articles[position], related(articles[position], articles[:position]))
        for position in reversed(range(first, len(articles)))
    ]
    write = _atom if source.format == "atom" else _rss
    return write(source, newest, news_script, url).encode(source.encoding, "xmlcharrefreplace")


def related(
    article: PublishedArticle, earlier: Iterable[PublishedArticle]
) -> tuple[PublishedArticle, ...]:
    """Return the "Read also" links: the event that this one follows, then the same topic.

    `earlier` are the newspaper's articles before this one, oldest first; newest are preferred.
    """
    report = article.report
    candidates = [
        candidate for candidate in reversed(list(earlier)) if candidate.report.topic == report.topic
    ]
    candidates.sort(key=lambda candidate: candidate.report.event != report.follows)
    return tuple(candidates[:MAX_RELATED])


def open_graph(report: Report, *, url: str) -> dict[str, str]:
    """Return the page's Open Graph properties: what shows a link to it elsewhere."""
    picture = {"image": url + report.picture_path} if report.picture_path else {}
    return {
        "site_name": report.source.name,
        "title": report.title,
        "description": teaser(report),
        **picture,
    }


def page(
    article: PublishedArticle,
    links: Iterable[PublishedArticle],
    *,
    news_script: NewsScript,
    url: str,
) -> str:
    """Return the article's page; `links` are in its "Read also" block."""
    report = article.report
    width, height = PICTURE_SIDES
    shown = (
        f'<img src="{report.picture_path}" width="{width}" height="{height}" alt="">\n'
        if report.picture_path
        else ""
    )
    tags = "".join(
        f'<meta property="og:{name}" content="{escape(value)}">\n'
        for name, value in open_graph(report, url=url).items()
    )
    if report.picture_path:
        tags += f'<meta property="og:image:width" content="{width}">\n'
        tags += f'<meta property="og:image:height" content="{height}">\n'
    words = news_script.words[report.source.language]
    paragraphs = "\n".join(f"<p>{escape(text)}</p>" for text in report.paragraphs)
    links = tuple(links)
    aside = f"<aside><h2>{words['read_also']}</h2>{_list(links)}</aside>" if links else ""
    main = (
        f"<article><h1>{escape(report.title)}</h1>\n"
        f'<time datetime="{_iso(article)}">{article.published_at:%d.%m.%Y, %H:%M} UTC</time>\n'
        f"{shown}{paragraphs}</article>\n{aside}"
    )
    return _html(report.source, report.title, main, news_script, tags)


def front_page(
    source: Source, articles: Sequence[PublishedArticle], *, news_script: NewsScript
) -> str:
    """Return the newspaper's front page: its headlines, newest first."""
    main = f"<main>{_list(reversed(articles[-MAX_FEED_ITEMS:]))}</main>"
    return _html(source, source.name, main, news_script)


# An article and its "Read also" links.
_Linked = tuple[PublishedArticle, tuple[PublishedArticle, ...]]


def _rss(source: Source, newest: Sequence[_Linked], news_script: NewsScript, url: str) -> str:
    items = ""
    for article, links in newest:
        report = article.report
        full = f"<content:encoded>{_body(report, links, news_script)}</content:encoded>\n"
        items += (
            f"<item>\n<title>{escape(report.title)}</title>\n<link>{url}{report.path}</link>\n"
            f'<guid isPermaLink="false">{report.id}</guid>\n'
            f"<pubDate>{format_datetime(article.published_at)}</pubDate>\n"
            f"<category>{_section(report, news_script)}</category>\n"
            f"<description>{escape(teaser(report))}</description>\n{_media(report, url)}"
            f"{full if source.body == 'full' else ''}</item>\n"
        )
    return (
        f'<?xml version="1.0" encoding="{source.encoding}"?>\n'
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        f"{_MEDIA_NAMESPACE}>\n<channel>\n"
        f"<title>{escape(source.name)}</title>\n<link>{url}/{source.slug}/</link>\n"
        f"<description>{escape(source.about)}</description>\n"
        f"<language>{source.language}</language>\n{items}</channel>\n</rss>\n"
    )


def _atom(source: Source, newest: Sequence[_Linked], news_script: NewsScript, url: str) -> str:
    entries = ""
    for article, links in newest:
        report = article.report
        entries += (
            f"<entry>\n<title>{escape(report.title)}</title>\n"
            f'<link href="{url}{report.path}"/>\n<id>urn:newsstand:{report.id}</id>\n'
            f"<published>{_iso(article)}</published>\n<updated>{_iso(article)}</updated>\n"
            f"<author><name>{escape(source.name)}</name></author>\n"
            f'<category term="{report.topic}" label="{_section(report, news_script)}"/>\n'
            f"<summary>{escape(teaser(report))}</summary>\n{_media(report, url)}"
            f'<content type="html">{_body(report, links, news_script)}</content>\n</entry>\n'
        )
    updated = f"<updated>{_iso(newest[0][0])}</updated>\n" if newest else ""
    return (
        f'<?xml version="1.0" encoding="{source.encoding}"?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{source.language}"'
        f"{_MEDIA_NAMESPACE}>\n"
        f"<title>{escape(source.name)}</title>\n<subtitle>{escape(source.about)}</subtitle>\n"
        f'<link href="{url}/{source.slug}/"/>\n'
        f'<link rel="self" href="{url}{feed_path(source)}"/>\n'
        f"<id>urn:newsstand:{source.slug}</id>\n{updated}{entries}</feed>\n"
    )


def _body(report: Report, links: Iterable[PublishedArticle], news_script: NewsScript) -> str:
    """Return the text with its "Read also" links as escaped HTML, as feeds have it."""
    text = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in report.paragraphs)
    rows = _list(links)
    words = news_script.words[report.source.language]
    more = f"<p>{words['read_also']}:</p>{rows}" if "<li>" in rows else ""
    return escape(text + more, quote=False)


def _media(report: Report, url: str) -> str:
    width, height = PICTURE_SIDES
    return (
        f'<media:content url="{url}{report.picture_path}" medium="image" type="image/jpeg"'
        f' width="{width}" height="{height}"/>\n'
        if report.picture_path
        else ""
    )


def teaser(report: Report) -> str:
    """Return the first sentence."""
    return re.split(r"(?<=[.!?]) (?=[A-ZА-ЯІЇЄҐ«])", report.paragraphs[0])[0]


def _section(report: Report, news_script: NewsScript) -> str:
    return escape(news_script.sections[report.source.language][report.topic])


def _iso(article: PublishedArticle) -> str:
    return article.published_at.isoformat(timespec="seconds")


def _list(articles: Iterable[PublishedArticle]) -> str:
    reports = (article.report for article in articles)
    rows = (f'<li><a href="{report.path}">{escape(report.title)}</a></li>' for report in reports)
    return f"<ul>{''.join(rows)}</ul>"


def _html(source: Source, title: str, main: str, news_script: NewsScript, tags: str = "") -> str:
    words = news_script.words[source.language]
    links = "\n".join(
        f'<a href="/{other.slug}/">{escape(other.name)}</a>' for other in news_script.sources
    )
    return (
        f'<!doctype html>\n<html lang="{source.language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n{tags}"
        f'<link rel="alternate" type="application/{source.format}+xml" '
        f'href="{feed_path(source)}">\n<style>{_STYLE}</style>\n</head>\n<body>\n'
        f"<header><strong>{escape(source.name)}</strong>\n<p>{escape(source.about)}</p>\n"
        f'<nav><a href="/{source.slug}/">{words["front"]}</a>\n{links}</nav></header>\n'
        f"{main}\n<footer>{words['fiction']}</footer>\n</body>\n</html>\n"
    )
