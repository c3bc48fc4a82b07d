import pytest

from bot.model import Picture
from bot.web.pictures import PictureSource, choose_picture, repeated_addresses

BASE = "https://courier.example/a/1"


@pytest.mark.parametrize(
    ("markup", "url"),
    [
        ('<img src="/p.jpg">', "https://courier.example/p.jpg"),
        ('<img data-src="/lazy.jpg" src="data:image/gif;base64,R0">', "https://courier.example/lazy.jpg"),
        ('<img src="/1.gif" width=1 height=1><img src="/2.jpg">', "https://courier.example/2.jpg"),
        ('<img src="/p.jpg" style="width: 16px">', None),
        ("<img>", None),
        ("no picture", None),
    ],
)  # fmt: skip
def test_the_first_picture_shown_that_is_large_enough_counts(markup: str, url: str | None) -> None:
    picture = choose_picture((), markup, base=BASE, logos=())
    assert (picture and picture.url) == url


def test_a_declared_picture_comes_before_a_shown_one_and_a_logo_is_none() -> None:
    declared = (PictureSource(url="/d.jpg", width="640", height="50%"),)
    shown = '<img src="/s.jpg">'
    assert choose_picture(declared, shown, base=BASE, logos=()) == Picture(
        url="https://courier.example/d.jpg", width=640
    )
    logos = ["https://courier.example/d.jpg"]
    found = choose_picture(declared, shown, base=BASE, logos=logos)
    assert found == Picture(url="https://courier.example/s.jpg")


def test_an_address_in_three_items_is_repeated_however_it_is_escaped() -> None:
    logo = "https://courier.example/logo.png?a=1&amp;b=2"
    once = "https://courier.example/once.png"
    assert repeated_addresses([f"{logo} {once}", logo, logo]) == {
        "https://courier.example/logo.png?a=1&b=2"
    }
