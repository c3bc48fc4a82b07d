from copy import deepcopy
from random import Random
from typing import Any

from bot_playground.bot_api.mutations import MAX_MUTATIONS, NEW, Mutator

UPDATE: dict[str, Any] = {
    "update_id": 7,
    "message": {
        "message_id": 2,
        "date": 1,
        "chat": {"id": 5, "type": "private", "first_name": "Ann"},
        "from": {"id": 5, "is_bot": False, "first_name": "Ann", "language_code": "uk"},
        "text": "/help",
        "entities": [{"type": "bot_command", "offset": 0, "length": 5}],
    },
}


def test_without_a_share_updates_stay_as_they_are() -> None:
    mutator = Mutator(random=Random(1))
    assert mutator.mutate(UPDATE) is UPDATE
    assert mutator.counts == {}


def test_a_mutated_update_is_a_copy_that_differs_in_one_to_a_few_places() -> None:
    before = deepcopy(UPDATE)
    for seed in range(100):
        mutator = Mutator(random=Random(seed), share=1)
        assert mutator.mutate(UPDATE) != UPDATE
        assert 1 <= sum(mutator.counts.values()) <= MAX_MUTATIONS
    assert before == UPDATE


def test_half_of_the_updates_are_mutated_with_half_a_share() -> None:
    mutator = Mutator(random=Random(1), share=0.5)
    mutated = sum(mutator.mutate(UPDATE) is not UPDATE for _ in range(1000))
    assert 430 < mutated < 570


def test_who_writes_what_and_where_always_stays() -> None:
    mutator = Mutator(random=Random(1), share=1)
    for _ in range(500):
        message: Any = mutator.mutate(UPDATE)["message"]
        assert (message["message_id"], message["text"]) == (2, "/help")
        assert (message["chat"]["id"], message["chat"]["type"]) == (5, "private")
        assert (message["from"]["id"], message["from"]["language_code"]) == (5, "uk")


def test_every_kind_of_mutation_happens() -> None:
    mutator = Mutator(random=Random(1), share=1)
    for _ in range(500):
        mutator.mutate(UPDATE)
    kinds = {"without date", "without first_name", "new kind of quote", "new entity", "new field"}
    assert kinds <= mutator.counts.keys()


def test_the_same_seed_makes_the_same_mutations() -> None:
    first, second = (Mutator(random=Random(9), share=0.5) for _ in range(2))
    assert [first.mutate(UPDATE) for _ in range(50)] == [second.mutate(UPDATE) for _ in range(50)]
    assert any(NEW in str(first.mutate(UPDATE)) for _ in range(10))
