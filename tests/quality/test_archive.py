from datetime import timedelta
from pathlib import Path

from bot.storage.stories.signatures import MAX_PER_STORY
from bot.stories.matching.clustering import WINDOW, best_match
from quality.archive import Archive, telling
from tests.support.fakes import NOON

FIRE = telling("В Житомире горел склад мебели", "Ночью в Житомире вспыхнул склад.", "ru", None)
FIRE_TOO = telling(
    "У Житомирі горів склад меблів", "Уночі у Житомирі спалахнув склад.", "uk", b"\x01"
)


def test_a_telling_is_found_by_the_keys_it_shares_in_whatever_language(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive.db")
    archive.add(FIRE, 7, source="Маяк", published_at=NOON)
    archive.commit()
    (found,) = archive.alike(FIRE_TOO, published_at=NOON)
    archive.close()
    assert found.story_id == 7
    assert found.sources == {"Маяк"}
    assert found.published_at == NOON
    assert found.articles == (FIRE,)


def test_strangers_and_what_is_out_of_the_window_are_not_found() -> None:
    archive = Archive()
    archive.add(FIRE, 1, source="Маяк", published_at=NOON - WINDOW - timedelta(seconds=1))
    archive.add(telling("Новый каток", "", "ru", None), 2, source="Маяк", published_at=NOON)
    assert archive.alike(FIRE_TOO, published_at=NOON) == ()
    archive.close()


def test_of_a_big_story_no_more_is_read_than_is_compared() -> None:
    archive = Archive()
    for place in range(MAX_PER_STORY + 5):
        archive.add(FIRE, 1, source=f"source {place}", published_at=NOON)
    (found,) = archive.alike(FIRE, published_at=NOON)
    archive.close()
    assert len(found.articles) == MAX_PER_STORY
    assert len(found.sources) == MAX_PER_STORY + 5
    assert best_match(FIRE, [found], source="Маяк", published_at=NOON) == 1
