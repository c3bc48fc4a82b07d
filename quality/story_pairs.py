"""Labelled pairs of articles, of one event or not, from ../shared/data and hand-made."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from bot.model import ArticleLanguage
from bot.stories.embedding import Embed
from bot.stories.matching.fingerprint import fingerprint
from bot.stories.matching.similarity import ComparedArticle, SimilarityEvidence, compare, log_odds
from quality import data

OWN = Path(__file__).with_name("pairs.jsonl")
JUDGED = Path(__file__).with_name("posts_judged.txt")
_HEADLINE_WORDS = 10  # of a post in one line, for want of a headline


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two articles as (language, title, text), and how they are related by their file."""

    one: tuple[ArticleLanguage, str, str]
    other: tuple[ArticleLanguage, str, str]
    label: str
    same: bool
    group: str
    one_source: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A pair, and what speaks for its being one event."""

    row: Pair
    evidence: SimilarityEvidence

    @property
    def odds(self) -> float:
        """The log-odds that both tell one event."""
        return log_odds(self.evidence)


def compared(pairs: Iterable[Pair], embed: Embed | None) -> list[Compared]:
    """Compare them, by words alone where `embed` is None."""
    return [
        Compared(row=pair, evidence=compare(_telling(pair.one, embed), _telling(pair.other, embed)))
        for pair in pairs
    ]


def headline_pairs(split: str) -> list[Pair]:
    """Return the Russian headlines of a split that are the same (1) or different (-1)."""
    return [
        _pair(row, "ru", same=row["label"] == 1)
        for row in data.rows("headline_pairs")
        if row["split"] == split and row["label"] != 0
    ]


def close_headlines(split: str) -> list[Pair]:
    """Return the headlines that their judges called close (0), neither same nor different."""
    return [
        _pair({**row, "label": "close"}, "ru", same=False)
        for row in data.rows("headline_pairs")
        if row["split"] == split and row["label"] == 0
    ]


def headline_relations() -> list[Pair]:
    """Return pairs by what links them: same, cause, cancel, rel, bad."""
    return [_pair(row, _language(row), same=row["label"] == "same") for row in _relations()]


def story_pairs() -> list[Pair]:
    """Return the pairs of whole articles; those of one group share an article."""
    groups = _Groups()
    rows = data.rows("same_story_pairs")
    for row in rows:
        groups.join(data.said(row, "url1"), data.said(row, "url2"))
    return [
        _pair(
            row | {"group": groups.of(data.said(row, "url1"))},
            _language(row),
            same=row["label"] == "OK",
        )
        for row in map(dict, rows)
    ]


def own_pairs() -> list[Pair]:
    """Return our own pairs across languages; those of one event have a group."""
    rows = [json.loads(line) for line in OWN.read_text("utf-8").splitlines()]
    pairs = []
    for row in rows:
        one, other = cast(list[ArticleLanguage], row["languages"].split("-"))
        pairs.append(
            Pair(
                one=(one, row["title1"], row["text1"]),
                other=(other, row["title2"], row["text2"]),
                label=row["label"],
                same=row["label"] == "same",
                group=row["event"],
            )
        )
    return pairs


def judged_posts(language: ArticleLanguage) -> list[Pair]:
    """Return the pairs of posts that we judged; their first line is taken for the headline."""
    posts = data.rows(f"stream_telegram_{language}")
    pairs = []
    for line in JUDGED.read_text("utf-8").splitlines():
        if line.startswith(f"{language} "):
            _, one, other, label = line.split()
            pairs.append(
                Pair(
                    one=(language, *_headline_and_text(data.said(posts[int(one)], "text"))),
                    other=(language, *_headline_and_text(data.said(posts[int(other)], "text"))),
                    label=label,
                    same=label == "same",
                    group="",
                )
            )
    return pairs


class _Groups:
    """Which addresses hang together, by the pairs that share one."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def of(self, url: str) -> str:
        above = self._above.setdefault(url, url)
        return above if above == url else self.of(above)

    def join(self, one: str, other: str) -> None:
        self._above[self.of(one)] = self.of(other)


def _relations() -> list[data.Row]:
    return [
        dict(row) | {"label": data.said(row, "label").rpartition("_")[2]}
        for row in data.rows("headline_relations")
    ]


def _headline_and_text(post: str) -> tuple[str, str]:
    headline, _, text = post.strip().partition("\n")
    if text:
        return headline, text
    words = post.split()
    return " ".join(words[:_HEADLINE_WORDS]), " ".join(words[_HEADLINE_WORDS:])


def _language(row: data.Row) -> ArticleLanguage:
    return cast(ArticleLanguage, row["lang"])


def _pair(row: data.Row, language: ArticleLanguage, *, same: bool) -> Pair:
    hosts = {urlsplit(data.said(row, f"url{place}")).netloc for place in (1, 2)}
    return Pair(
        one=(language, data.said(row, "title1"), data.said(row, "text1")),
        other=(language, data.said(row, "title2"), data.said(row, "text2")),
        label=data.said(row, "label"),
        same=same,
        group=data.said(row, "group"),
        one_source=len(hosts) == 1 and hosts != {""},
    )


def _telling(article: tuple[ArticleLanguage, str, str], embed: Embed | None) -> ComparedArticle:
    language, title, text = article
    return ComparedArticle(
        language=language,
        fingerprint=fingerprint(title, text),
        vector=embed(title, text) if embed is not None else None,
    )
