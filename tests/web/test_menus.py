from collections.abc import Callable
from itertools import pairwise

import pytest

from bot.stories.page_extraction import extract_article
from bot.web.html import parse_html
from bot.web.menus import MIN_LINKS, MIN_WORDS, drop_menus

# A headline, four paragraphs, the names of regions, and other headlines, in three languages.
ARTICLES = {
    "uk": (
        "Новий міст через Веснянку відкрили для пішоходів",
        (
            "У Дніпрогаї відкрили міст через Веснянку, першими пройшли ним будівельники.",
            "Споруда завдовжки 640 метрів має чотири смуги, трамвайну колію та велодоріжку.",
            "За словами мера Олега Ковганюка, рух автомобілів почнеться у грудні.",
            "Старий міст зачинять на ремонт, який триватиме до літа, сказав він у понеділок.",
        ),
        ("Веснянський район", "Заозерська громада", "Приріччя", "Липовець"),
        (
            "Рада громади затвердила бюджет на ремонт шкільних їдалень",
            "У селі відкрили амбулаторію після трьох років ремонту",
            "Юні шахісти області привезли дев’ять медалей",
        ),
    ),
    "ru": (
        "Новый мост через Веснянку открыли для пешеходов",
        (
            "В Днепрогае открыли мост через Веснянку, первыми по нему прошли строители.",
            "Сооружение длиной 640 метров имеет четыре полосы, трамвайные пути и велодорожку.",
            "По словам мэра Олега Ковганюка, движение автомобилей начнётся в декабре.",
            "Старый мост закроют на ремонт, который продлится до лета, сказал он в понедельник.",
        ),
        ("Веснянский район", "Заозерская община", "Приречье", "Липовец"),
        (
            "Совет общины утвердил бюджет на ремонт школьных столовых",
            "В селе открыли амбулаторию после трёх лет ремонта",
            "Юные шахматисты области привезли девять медалей",
        ),
    ),
    "en": (
        "New bridge over the Vesnyanka opens to pedestrians",
        (
            "A bridge over the Vesnyanka opened in Lakeside, and its builders crossed it first.",
            "The structure is 640 metres long and has four lanes, tram tracks and a cycle path.",
            "Mayor Oleh Kovhaniuk said that cars would be allowed in December after tests.",
            "The old bridge will be closed for repairs until next summer, he said on Monday.",
        ),
        ("Vesnyanka district", "Lakeside", "Harbour", "Lindenberg"),
        (
            "Council approves the budget for repairs of school canteens",
            "Clinic opens in the village after three years of works",
            "Young chess players bring nine medals to the county",
        ),
    ),
}
# Regions, headlines of other news, the article's headline and its paragraphs -> its page.
Layout = Callable[[list[str], list[str], str, tuple[str, ...]], str]


def links(names: list[str], *, before: str = "", after: str = "") -> str:
    return "".join(f'{before}<a href="/r/{at}">{name}</a>{after}' for at, name in enumerate(names))


def paragraphs(lines: tuple[str, ...]) -> str:
    return "".join(f"<p>{line}</p>" for line in lines)


def cards(news: list[str]) -> str:
    return "".join(
        f"<div><p><a>{one}</a></p><p>{two}. {one}.</p></div>" for one, two in pairwise(news)
    )


LAYOUTS: dict[str, Layout] = {
    "lists": lambda regions, _, title, lines: (
        f"<ul>{links(regions, before='<li>')}</ul><div><h1>{title}</h1>{paragraphs(lines)}</div>"
    ),
    "a table of columns": lambda regions, news, title, lines: (
        f"<table><tr><td>{links(regions, after='<br>')}</td>"
        f"<td><b>{title}</b><br><br>{'<br><br>'.join(lines)}</td>"
        f"<td>{links(news, after='<br>')}</td></tr></table>"
    ),
    "a link a block": lambda regions, news, title, lines: (
        f"{links(regions, before='<div>', after='</div>')}<div><h1>{title}</h1>"
        f"{'<br><br>'.join(lines)}</div>{links(news, before='<div>', after='</div>')}"
    ),
    "one paragraph of links": lambda regions, news, title, lines: (
        f"<p>{links(regions, after=' | ')}</p><h1>{title}</h1>{paragraphs(lines)}"
        f"<p>{links(news, after=' | ')}</p>"
    ),
    "within the article": lambda regions, news, title, lines: (
        f"<article>{links(regions, before='<p>', after='</p>')}<h1>{title}</h1>"
        f"{paragraphs(lines)}{links(news, before='<p>', after='</p>')}</article>"
    ),
    "columns of lines": lambda regions, _, title, lines: (
        f"<div><div>{links(regions, after='<br>')}</div>"
        f"<div><h2>{title}</h2>{'<br>'.join(lines)}</div></div>"
    ),
    "definitions": lambda regions, _, title, lines: (
        f"<dl>{links(regions, before='<dt>Район</dt><dd>', after='</dd>')}</dl>"
        f"<section><h1>{title}</h1>{paragraphs(lines)}</section>"
    ),
    "a form": lambda regions, _, title, lines: (
        f"<form>{links(regions)}<table><tr><td><span>{title}</span></td></tr>"
        f"<tr><td><span>{'</span><br><span>'.join(lines)}</span></td></tr></table></form>"
    ),
    "options and words": lambda regions, _, title, lines: (
        f"<select>{''.join(f'<option>{name}</option>' for name in regions)}</select>"
        f"<div>{''.join(f'<span>{name}</span> ' for name in regions)}</div>"
        f"<div><h1>{title}</h1>{paragraphs(lines)}</div>"
    ),
    "words in one line": lambda regions, _, title, lines: (
        f"<div>{' '.join(regions)}</div><div><h1>{title}</h1>{paragraphs(lines)}</div>"
    ),
    "dated news": lambda _, news, title, lines: (
        f"{links(news, before='<div>1.08.2026, 12:10 <b>', after='</b> (7)</div>')}"
        f"<div><h2>{title}</h2>{'<br>'.join(lines)}</div>"
    ),
    "teasers": lambda _, news, title, lines: (
        f"<div>{cards(news)}</div><div><h1>{title}</h1>{paragraphs(lines)}</div>"
    ),
    "news below": lambda regions, news, title, lines: (
        f"<div><h1>{title}</h1>{paragraphs(lines)}</div><div>{links(news)}{links(regions)}</div>"
    ),
}


@pytest.mark.parametrize("language", ARTICLES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_page_whose_menu_is_longer_than_its_article_gives_the_article(
    layout: str, language: str
) -> None:
    title, lines, names, headlines = ARTICLES[language]
    regions = [f"{name} {at}" for at in range(30) for name in names]
    news = [f"{headline} № {at}" for at in range(20) for headline in headlines]
    body = LAYOUTS[layout](regions, news, title, lines)
    assert len("".join(regions)) > len("".join(lines)) < len("".join(news))
    page = extract_article(
        f"<html><title>{title} — Portal</title><body>{body}</body></html>".encode(),
        url="https://portal.example/news/1",
        content_type="text/html; charset=utf-8",
        title=title,
        teaser=lines[0][:60],
    )
    assert page.problem is None
    assert [line for line in lines if line not in page.text] == []
    assert [line for line in (*regions, *news) if line in page.text] == []


def text_after_menus(markup: str, headline: str = "") -> str:
    tree = parse_html(markup)
    assert tree is not None
    drop_menus(tree, headline)
    return " ".join(str(tree.text_content()).split())


def test_the_links_of_a_paragraph_are_kept() -> None:
    told = "In the year of the flood the council of"
    body = "".join(f"{told} <a>Lakeside {at}</a> met. " for at in range(20))
    assert "Lakeside 19" in text_after_menus(f"<p>{body}</p>")


def test_fewer_links_are_no_menu() -> None:
    few = "".join(f"<a>Lakeside {at}</a> " for at in range(MIN_LINKS - 1))
    assert "Lakeside 0" in text_after_menus(f"<p>{few}</p>")


def test_a_table_of_results_below_the_headline_is_kept() -> None:
    rows = "".join(f"<tr><td>Boat {at}</td><td>{at} knots</td></tr>" for at in range(MIN_WORDS))
    title = "The results of the regatta of Lakeside"
    markup = f"<h1>{title}</h1><table>{rows}</table>"
    assert "Boat 3939 knots" in text_after_menus(markup, title)


def test_a_lead_before_the_headline_is_kept_where_the_article_is_longer() -> None:
    title, lines, *_ = ARTICLES["en"]
    text = text_after_menus(f"<p>{lines[0]}</p><h1>{title}</h1>{paragraphs(lines[1:])}", title)
    assert text.startswith(lines[0])
