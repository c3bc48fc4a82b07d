"""Precision and recall of article extraction from pages."""

import random
import re
import tarfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import fmean

from bot.feeds.page_policy import MIN_FULL_TEXT_LENGTH
from bot.stories.page_extraction import extract_page, page_text_problem, wall_kind
from bot.web.html import editor_links_in
from quality import data

_WORD = re.compile(r"\w+")
_GRAM = 4
# Articles with headlines, by their language, of one newspaper each.
_ARTICLES = {
    "uk": ("articles_tsn_uk",),
    "ru": ("articles_lenta_ru", "articles_segodnya"),
    "en": ("summaries_en",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Shares from 0 to 1 of what was found that is wanted, and of what is wanted that was found."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Return their harmonic mean."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def report() -> str:
    """Return the section on articles' pages."""
    found: dict[str, list[Found]] = {}
    began = time.process_time()
    pages = {data.said(row, "file"): row for row in data.rows("pages_gold")}
    for name, document in _documents():
        if row := pages.get(name):
            page = extract_page(document, url=data.said(row, "url"), content_type=None)
            judged = compare(page.text, data.said(row, "expected"))
            found.setdefault(data.said(row, "lang"), []).append(judged)
    took = 1000 * (time.process_time() - began) / len(pages)
    return "\n".join(
        (
            "## Pages\n",
            "Saved pages with their text marked by hand; runs of four words, precision and recall"
            f" averaged over pages. A page takes {took:.0f} ms of the processor. Of trafilatura's"
            " settings, that tables are read was chosen on these pages.\n",
            data.table(("language", "pages", "precision", "recall", "F1"), _lines(found)),
            "### Is it the article?\n",
            "Whether an article's text is taken for what its headline announces, with no teaser to"
            " help, and so is that of another article of the same newspaper, drawn by lot, which a"
            " redirect or a mistake may bring. Lines: those of articles that are taken for a wall,"
            " such as a login, and are none. The threshold was chosen on these.\n",
            data.table(
                ("language", "articles", "refused, wrongly", "others taken, wrongly", "lines"),
                _judged(),
            ),
            "### The editor's own links\n",
            "Links in the markup of articles of one site, against those that the data lists.\n",
            data.table(("links listed", "found", "with a headline of their own"), [_own()]),
        )
    )


def compare(text: str, expected: str) -> Found:
    """Return how alike the runs of four words are; of a shorter text there are none."""
    one, other = _grams(text), _grams(expected)
    common = (one & other).total()
    return Found(
        precision=common / one.total() if one else 0.0,
        recall=common / other.total() if other else 0.0,
    )


def _grams(text: str) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text.casefold())
    return Counter(tuple(words[at : at + _GRAM]) for at in range(len(words) - _GRAM + 1))


def _documents() -> Iterator[tuple[str, bytes]]:
    with tarfile.open(data.file("pages.tar.xz")) as archive:
        for member in archive:
            content = archive.extractfile(member)
            if content is not None:
                yield member.name, content.read()


def _lines(found: dict[str, list[Found]]) -> Iterator[tuple[object, ...]]:
    for language, each in sorted(found.items()):
        precision, recall = fmean(one.precision for one in each), fmean(one.recall for one in each)
        yield language, len(each), precision, recall, Found(precision=precision, recall=recall).f1


def _judged() -> Iterator[tuple[object, ...]]:
    for language, names in _ARTICLES.items():
        rows = [row for name in names for row in data.rows(name)]
        articles = [(data.said(row, "title"), data.said(row, "text")) for row in rows]
        articles = [
            (title, text) for title, text in articles if title and len(text) >= MIN_FULL_TEXT_LENGTH
        ]
        drawn = random.Random(7)
        refused = sum(page_text_problem(title, "", text) is not None for title, text in articles)
        others = ((title, drawn.choice(articles)) for title, _ in articles)
        taken = [
            page_text_problem(title, "", text) is None
            for title, (of, text) in others
            if of != title
        ]
        lines = sum(bool(wall_kind(line)) for _, text in articles for line in text.splitlines())
        share = f"{refused / len(articles):.1%}", f"{sum(taken) / len(taken):.1%}"
        yield language, len(articles), *share, lines


def _own() -> tuple[object, ...]:
    listed = found = titled = 0
    for row in data.rows("articles_segodnya"):
        wanted, markup = row["links"], data.said(row, "html")
        if not isinstance(wanted, list) or not markup:
            continue
        links = editor_links_in(markup, url=data.said(row, "url"))
        urls = {str(link["url"]) for link in wanted}
        listed += len(urls)
        found += len(urls & {link.url for link in links})
        titled += sum(bool(link.title) for link in links)
    return listed, found, titled
