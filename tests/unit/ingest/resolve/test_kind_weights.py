"""The shipped weights of every kind: complete, honest about their source, and what they promise."""

import json
from importlib.resources import files

import pytest

from ingest.errors import ResolveError
from ingest.resolve.kind_weights import load_kind_weights, weights_of
from ingest.resolve.kinds.resolving import KINDS


def shipped(name):
    text = files("ingest.resolve").joinpath("data", f"{name}_weights.json").read_text("utf-8")
    return json.loads(text)


def bits(kind, **levels):
    """Weight of a pair at these levels; attributes not named say nothing."""
    weights = load_kind_weights(kind, KINDS[kind].level_names)
    total = weights.prior
    for attribute, of_level in zip(KINDS[kind].attributes, weights.levels, strict=True):
        total += of_level[list(attribute.levels).index(levels.pop(attribute.name, "none"))]
    assert not levels
    return total - weights.threshold


@pytest.mark.parametrize("name", KINDS)
def test_every_level_says_where_its_bits_come_from(name):
    training = shipped(name)["training"]
    assert training["source"]
    assert training["reason"]
    stated, learned = training["stated_by_experts"], training.get("learned", [])
    if stated != "all":
        levels = {f"{a}.{w}" for a, words in KINDS[name].level_names.items() for w in words[1:]}
        assert {*stated, *learned} == levels | {"prior", "threshold"}
        assert not {*stated} & {*learned}


@pytest.mark.parametrize("name", KINDS)
def test_a_level_without_evidence_is_worth_nothing_and_words_are_there(name):
    weights = load_kind_weights(name, KINDS[name].level_names)
    for attribute, of_level in zip(KINDS[name].attributes, weights.levels, strict=True):
        if (name, attribute.name) != ("address", "numbers"):
            assert of_level[0] == 0, attribute.name
        assert all(attribute.levels.values())
    assert KINDS[name].title in KINDS[name].level_names


JOINING = {
    "person": [
        {"id_number": "equal", "name": "differ"},
        {"name": "equal", "phone": "equal"},
        {"name": "equal", "certificate": "equal"},
        {"name": "equal", "address": "equal"},
        {"name": "equal", "employer": "equal", "id_number": "masked"},
        {"name": "equal", "phone": "equal", "employer": "differ"},
    ],
    "vehicle": [{"plate": "misread"}, {"plate": "misread", "colour": "fits"}],
    "site": [
        {"distance": "near"},
        {"distance": "at", "address": "differ"},
        {"distance": "far", "address": "equal"},
        {"unplaced": "both"},
    ],
    "address": [
        {"text": "contained", "numbers": "equal", "city": "equal"},
        {"text": "equal", "numbers": "none", "city": "equal"},
        {"text": "equal", "numbers": "equal", "holder": "shared"},
        {"text": "close", "numbers": "equal", "city": "equal", "holder": "shared"},
    ],
    "phone": [{"number": "local", "area": "equal"}],
}
APART = {
    "person": [
        {"name": "equal"},
        {"name": "equal", "id_number": "masked"},
        {"name": "differ", "phone": "equal"},
        {"name": "edit_1", "certificate": "equal"},
        {"name": "equal", "employer": "differ", "phone": "differ"},
    ],
    "vehicle": [
        {"plate": "one_apart", "plate_kind": "equal", "colour": "fits", "reads": "seldom"},
        {"plate": "misread", "reads": "often"},
        {"plate": "misread", "colour": "contradicts"},
    ],
    "site": [{"distance": "around"}, {"distance": "far"}, {"address": "differ"}],
    "address": [
        {"text": "equal", "numbers": "equal", "city": "differ"},
        {"text": "contained", "numbers": "differ", "city": "equal", "holder": "shared"},
        {"text": "equal", "numbers": "equal"},
        {"text": "close", "numbers": "equal", "city": "equal"},
    ],
    "phone": [{"number": "local"}, {"number": "local", "area": "differ"}],
}


@pytest.mark.parametrize(("kind", "case"), [(k, c) for k, cases in JOINING.items() for c in cases])
def test_enough(kind, case):
    assert bits(kind, **case) >= 0


@pytest.mark.parametrize(("kind", "case"), [(k, c) for k, cases in APART.items() for c in cases])
def test_not_enough(kind, case):
    assert bits(kind, **case) < 0


def test_a_file_of_other_levels_is_refused():
    document = shipped("site")
    document["levels"]["distance"].pop("near")
    with pytest.raises(ResolveError, match="write the file anew"):
        weights_of(document, KINDS["site"].level_names, "site_weights.json")
