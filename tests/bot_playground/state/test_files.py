import pytest

from bot_playground.state.files import Files, Upload


@pytest.mark.parametrize(
    ("name", "given", "mime_type", "ending"),
    [
        ("feeds.opml", "text/x-opml", "text/x-opml", ".opml"),
        ("data.json", "", "application/json", ".json"),
        ("README", "", "application/octet-stream", ""),
    ],
)
def test_the_mime_type_is_the_senders_or_guessed_from_the_name(
    name: str, given: str, mime_type: str, ending: str
) -> None:
    file = Files().add(Upload(name, b"abc", given))
    document = file.document_object()
    assert (document["file_name"], document["mime_type"]) == (name, mime_type)
    assert document["file_size"] == 3
    assert file.path == f"documents/file_0{ending}"


def test_each_file_is_found_by_its_id_and_at_its_path() -> None:
    files = Files()
    first, second = files.add(Upload("a.txt", b"1")), files.add(Upload("a.txt", b"2"))
    assert first.id != second.id
    assert files.by_id[first.id] is first
    assert files.by_path(second.path) is second
    assert files.by_path("documents/none") is None
    assert first.file_object()["file_path"] == first.path


def test_the_record_of_calls_shows_no_contents() -> None:
    assert repr(Upload("a.txt", b"secret")) == "<a.txt: 6 bytes>"
