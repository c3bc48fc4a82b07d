"""Generator of `quality/sample`: invented news in the files and formats of real data.

Run `python -m quality.make_sample`. Its figures mean nothing: it shows that all runs, and in which
form real data is expected.
"""

import io
import json
import lzma
import tarfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from itertools import count, islice, pairwise
from pathlib import Path

from bot_playground.news import pages
from bot_playground.news.pages import PublishedArticle
from bot_playground.news.script import (
    NewsScript,
    Report,
    opening_reports,
    read_news_script,
    upcoming_reports,
)
from quality.data import SAMPLE

FIRST_AT = datetime(2026, 7, 1, tzinfo=UTC)
PACE = timedelta(minutes=50)
REPORTS = 900
WINDOWS = "ACDEG"
WINDOW_REPORTS = 40
# Articles whose texts make one of a full length.
JOINED = 6
# Feeds of each newspaper, as they were at so many times.
FEED_VERSIONS = 4

Row = Mapping[str, object]


def main(folder: Path = SAMPLE) -> None:
    """Write all files into the folder."""
    script = read_news_script()
    articles = _published(script)
    for name, found in _files(articles).items():
        _write(folder / f"{name}.jsonl.xz", found)
    for name, window in zip(WINDOWS, _windows(articles), strict=True):
        _write(folder / "newsday" / f"items{name}.jsonl.xz", map(_item, window))
        lines = (json.dumps(mark, ensure_ascii=False) + "\n" for mark in _marks(window))
        (folder / "newsday" / f"gold{name}.jsonl").write_text("".join(lines), "utf-8")
    saved = [each for each in articles[:60] if each.report.source.body == "teaser"][:12]
    _pack(
        folder / "pages.tar.xz",
        {_page_name(each): _page(each, articles, script) for each in saved},
    )
    _pack(folder / "feeds_real.tar.xz", _feeds(articles, script))


def _published(script: NewsScript) -> list[PublishedArticle]:
    days = (FIRST_AT + number * PACE for number in count())
    reports = [*opening_reports(script)]
    reports += islice(upcoming_reports(script, FIRST_AT.date), REPORTS - len(reports))
    return [
        PublishedArticle(report=report, published_at=at)
        for report, at in zip(reports, days, strict=False)
    ]


def _files(articles: Sequence[PublishedArticle]) -> Mapping[str, Iterable[Row]]:
    by = {
        language: [each for each in articles if each.report.source.language == language]
        for language in ("uk", "ru", "en")
    }
    pairs = [
        (one.report, other.report)
        for one, other in pairwise(by["ru"])
        if one.report.source != other.report.source
    ]
    return {
        "topics": map(_topic_row, articles),
        "articles_lenta_ru": [
            _text_row(each) | {"text": long, "tag": None} for each, long in _joined(by["ru"])
        ],
        "articles_tsn_uk": [
            _text_row(each) | {"text": long, "subtitle": pages.teaser(each.report)}
            for each, long in _joined(by["uk"])
        ],
        "articles_segodnya": [
            _text_row(each)
            | {"text": long, "section": each.report.topic, "subsection": None}
            | {"pubdate": f"{each.published_at:%d.%m.%Y, %H:%M}", "html": _html(each), "links": []}
            for each, long in _joined(by["ru"]) + _joined(by["uk"])
        ],
        "feed_items_ru_uk": [
            _text_row(each)
            | {"feed": each.report.source.slug, "link": _url(each), "description": _text(each)}
            | {"content": None, "categories": [each.report.topic]}
            for each in by["uk"][:80] + by["ru"][:80]
        ],
        "stream_telegram_uk": [_post(each, 10**6 + n) for n, each in enumerate(by["uk"])],
        "stream_telegram_ru": [_post(each, 10**6 + n) for n, each in enumerate(by["ru"])],
        "same_story_pairs": [
            {"lang": "ru", "part": "train", "label": "OK" if one.event == other.event else "BAD"}
            | {f"url{n}": each.path for n, each in ((1, one), (2, other))}
            | {f"title{n}": each.title for n, each in ((1, one), (2, other))}
            | {f"text{n}": "\n".join(each.paragraphs) for n, each in ((1, one), (2, other))}
            for one, other in pairs[:40]
        ],
        "stories_en": [
            {"lang": "en", "id": f"sample-{n}", "title": each.report.title, "url": _url(each)}
            | {"publisher": each.report.source.name, "label": each.report.topic}
            | {"story": each.report.event, "ts": int(each.published_at.timestamp() * 1000)}
            for n, each in enumerate(by["en"])
        ],
        "read_also": [
            {"src": _url(each), "src_title": each.report.title, "external": []}
            | {"targets": [_target(other) for other in before]}
            for each in by["ru"][:60] + by["uk"][:60]
            if (before := _earlier(each, articles))
        ],
        "summaries_en": [
            {"lang": "en", "id": each.report.id, "label": each.report.topic, "text": long}
            | {"title": each.report.title, "summary": pages.teaser(each.report)}
            for each, long in _joined(by["en"])
        ],
        "pages_gold": [
            {"id": each.report.id, "url": _url(each), "lang": each.report.source.language}
            | {"expected": _text(each), "file": _page_name(each)}
            for each in [each for each in articles[:60] if each.report.source.body == "teaser"][:12]
        ],
        "newsday/hand_topics": [
            _item(each) | {"topics": [each.report.topic]} for each in articles[-60:]
        ],
        "newsday/stream": map(_item, articles),
        **{f"forms/{language}": _forms(language) for language in by},
    }


def _joined(articles: Sequence[PublishedArticle]) -> list[tuple[PublishedArticle, str]]:
    """Return the first articles with a text of a full length: theirs and of those after them."""
    return [
        (article, "\n".join(map(_text, articles[number : number + JOINED])))
        for number, article in enumerate(articles[:60])
    ]


def _target(article: PublishedArticle) -> Row:
    title = article.report.title
    return {"url": _url(article), "title": title, "anchor": title, "context": title}


def _text_row(article: PublishedArticle) -> dict[str, object]:
    report = article.report
    return {
        "lang": report.source.language,
        "url": _url(article),
        "title": report.title,
        "text": _text(article),
        "label": report.topic,
        "date": f"{article.published_at:%Y/%m/%d}",
    }


def _topic_row(article: PublishedArticle) -> Row:
    number = article.report.id[-1]
    return _text_row(article) | {
        "source": article.report.source.slug,
        "topic": article.report.topic,
        "raw_label": article.report.topic,
        "quality": "editor",
        "split": "test" if number in "05" else "train",
    }


def _post(article: PublishedArticle, number: int) -> Row:
    return {
        "lang": article.report.source.language,
        "id": number,
        "message_id": number,
        "channel": article.report.source.name,
        "source": article.report.source.name,
        "date": article.published_at.isoformat(),
        "text": f"{article.report.title}\n{_text(article)}",
        "label": article.report.topic,
        "weak_tags": [article.report.topic],
    }


def _item(article: PublishedArticle) -> dict[str, object]:
    return {
        "id": article.report.id,
        "lang": article.report.source.language,
        "source": article.report.source.name,
        "title": article.report.title,
        "text": _text(article),
        "url": _url(article),
        "at": f"{article.published_at:%Y-%m-%dT%H:%M:%SZ}",
        "at_kind": "published",
    }


def _windows(articles: Sequence[PublishedArticle]) -> Iterator[Sequence[PublishedArticle]]:
    for number in range(len(WINDOWS)):
        yield articles[number * WINDOW_REPORTS : (number + 1) * WINDOW_REPORTS]


def _marks(window: Sequence[PublishedArticle]) -> Iterator[Row]:
    """Yield what a reader would mark: the script knows what is the same, and what goes on."""
    storylines: dict[str, str] = {}
    for article in window:
        report = article.report
        follows = report.follows if report.follows in storylines else None
        storylines.setdefault(report.event, storylines.get(follows or "", report.event))
        yield {
            "id": report.id,
            "event": report.event,
            "continues": follows,
            "storyline": storylines[report.event],
            "topics": [report.topic],
            "kind": "news",
            "note": "",
        }


def _forms(language: str) -> Iterator[Row]:
    """Yield a sentence of invented words of one lemma each, beside its form."""
    forms = {
        "uk": [("маяки", "маяк", "NOUN"), ("мостами", "міст", "NOUN"), ("новий", "новий", "ADJ")],
        "ru": [("маяки", "маяк", "NOUN"), ("мостами", "мост", "NOUN"), ("новый", "новый", "ADJ")],
        "en": [("ferries", "ferry", "NOUN"), ("votes", "vote", "VERB"), ("new", "new", "ADJ")],
    }[language]
    for form, lemma, kind in forms:
        yield {"lang": language, "sentence": form, "words": [[form, lemma, kind]]}


def _earlier(
    article: PublishedArticle, articles: Sequence[PublishedArticle]
) -> Sequence[PublishedArticle]:
    """Return what the newspaper links from the article."""
    own = [each for each in articles if each.report.source == article.report.source]
    return pages.related(article, own[: own.index(article)])


def _page(
    article: PublishedArticle, articles: Sequence[PublishedArticle], script: NewsScript
) -> bytes:
    url = f"https://{article.report.source.slug}.example"
    links = _earlier(article, articles)
    return pages.page(article, links, news_script=script, url=url).encode()


def _feeds(articles: Sequence[PublishedArticle], script: NewsScript) -> Mapping[str, bytes]:
    """Return each newspaper's feed at several times."""
    found = {}
    for source in script.sources:
        own = [each for each in articles if each.report.source == source]
        for version in range(1, FEED_VERSIONS + 1):
            document = pages.feed(
                source,
                own[: len(own) * version // FEED_VERSIONS],
                news_script=script,
                url=f"https://{source.slug}.example",
            )
            found[f"feeds/{source.slug}-{version}.xml"] = document
    return found


def _html(article: PublishedArticle) -> str:
    return "".join(f"<p>{escape(each)}</p>" for each in article.report.paragraphs)


def _text(article: PublishedArticle) -> str:
    return "\n".join(article.report.paragraphs)


def _url(article: PublishedArticle) -> str:
    report: Report = article.report
    return f"https://{report.source.slug}.example{report.path}"


def _page_name(article: PublishedArticle) -> str:
    return f"pages/{article.report.source.slug}/{article.report.event}.html"


def _write(path: Path, found: Iterable[Row]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in found)
    path.write_bytes(lzma.compress(lines.encode(), preset=9))


def _pack(path: Path, documents: Mapping[str, bytes]) -> None:
    with tarfile.open(path, "w:xz", preset=9) as archive:
        for name, document in documents.items():
            member = tarfile.TarInfo(name)
            member.size = len(document)
            archive.addfile(member, io.BytesIO(document))


if __name__ == "__main__":
    main()
