"""The shipped weights are learned: their record says of what, the tool makes them again."""

import json

from ingest.resolve.compare import LEVEL_NAMES
from ingest.resolve.weigh import SURPRISES, load_weights
from ingest.resolve.weight_files import shipped_text
from tools.train_weights import SEEDS, VERSION, trained

REPORTED_SEED = 2


def test_the_file_says_what_it_was_learned_from() -> None:
    made = json.loads(shipped_text())
    assert made["version"] == VERSION == load_weights().version
    training = made["training"]
    assert training["data"]["seeds"] == list(SEEDS)
    assert REPORTED_SEED not in SEEDS
    assert training["data"]["held_out_ratio"] == 0.0
    assert min(training["positive"], training["negative"]) > 100_000
    assert {a: list(shares) for a, shares in training["level_shares"].items()} == {
        a: list(levels) for a, levels in LEVEL_NAMES.items()
    }


def test_the_tool_makes_a_file_of_this_shape_and_the_same_one_again() -> None:
    made = trained((5,), 2_000)
    assert made == trained((5,), 2_000)
    shipped, again = json.loads(shipped_text()), json.loads(made)
    assert list(again) == list(shipped)
    assert {a: list(v) for a, v in again["levels"].items()} == {
        a: list(v) for a, v in shipped["levels"].items()
    }
    assert list(again["surprise"]) == [name for name, _, _ in SURPRISES]


def test_agreement_is_worth_more_than_difference() -> None:
    levels = json.loads(shipped_text())["levels"]
    for attribute, worse, better in (
        ("name", "core", "trunk"),
        ("name", "number", "edit_1"),
        ("region", "other_city", "same_city"),
        ("phone", "shared", "equal"),
        ("person", "differ", "equal"),
        ("address", "weak", "equal"),
    ):
        assert levels[attribute][worse] < levels[attribute][better]
