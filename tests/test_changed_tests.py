from tests.support.changed_tests import mirrors_of


def test_a_module_brings_its_mirrored_tests() -> None:
    assert mirrors_of(["bot/feeds/polling/schedule.py", "bot_playground/server.py"]) == [
        "tests/bot_playground/test_server.py",
        "tests/feeds/polling/test_schedule.py",
        "tests/test_architecture.py",
    ]


def test_a_test_brings_itself_and_a_long_proof_stays_out() -> None:
    changed = ["tests/test_settings.py", "tests/end_to_end/test_updates.py", "README.md"]
    assert mirrors_of(changed) == ["tests/test_architecture.py", "tests/test_settings.py"]
