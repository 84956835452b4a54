"""Bits learned from labelled records: what is shown is learned, what is not keeps its worth."""

import json

import numpy as np
import polars as pl
import pytest

from ingest.resolve.kind_weights import load_kind_weights, weights_of
from ingest.resolve.kinds.person import PERSON, person_records, prepare
from ingest.resolve.kinds.training import document, learn, main
from tests.unit.ingest.resolve.conftest import code_of, id_number_of
from tests.unit.ingest.resolve.stored_lake import resolved_lake

STATED = load_kind_weights("person", PERSON.level_names)
PEOPLE, FIRMS = 300, 16


def labelled_records():
    """Three records of each person, of whom one in four changes the employer; no phones."""
    draw = np.random.default_rng(7)
    person = np.repeat(np.arange(PEOPLE), 3)
    home = draw.integers(0, FIRMS, PEOPLE)[person]
    employer = np.where(draw.random(len(person)) < 0.25, draw.integers(0, FIRMS, len(person)), home)
    empty = pl.Series([""] * len(person))
    frame = pl.DataFrame(
        {
            "code": [id_number_of(int(p)) for p in person],
            "name": [f"王{chr(0x4E00 + p)}" for p in person],
            "phone": empty, "address": empty, "certificate": empty,
            "owner_id": [f"org:{firm}" for firm in employer],
        }
    )  # fmt: skip
    return person_records(prepare(frame).with_row_index("record"))


def test_what_the_labels_show_is_learned_and_the_rest_kept():
    records = labelled_records()
    made = learn(PERSON, records, records["identity"], STATED, ("id_number", "name"))
    assert set(made.learned) == {"employer.differ", "employer.equal"}
    employer = made.weights.levels[5]
    # Two records agree in about 0.75² and a chance of the rest, strangers in one of 16.
    assert employer[2] == pytest.approx(np.log2(0.59 * 16), abs=0.2)
    assert employer[1] == pytest.approx(np.log2(0.41 * 16 / 15), abs=0.2)
    assert made.weights.levels[:5] == STATED.levels[:5]
    assert (made.weights.prior, made.weights.threshold) == (STATED.prior, STATED.threshold)
    assert made.same_pairs == PEOPLE * 3


def test_the_document_is_one_of_weights_and_says_what_was_learned():
    records = labelled_records()
    made = learn(PERSON, records, records["identity"], STATED, ("id_number", "name"))
    told = document(PERSON, made, "made up")
    assert weights_of(told, PERSON.level_names, "here") == made.weights
    training = told["training"]
    assert training["learned"] == list(made.learned)
    assert not {*training["learned"]} & {*training["stated_by_experts"]}


def test_the_command_reads_a_resolved_lake(tmp_path, capsys):
    rows = [
        {
            "permit_no": f"P{n}",
            "name": f"王{chr(0x4E00 + n // 2)}",
            "person_id": id_number_of(n // 2),
            "employer_uscc": code_of(n // 2 % 5),
        }
        for n in range(120)
    ]
    lake = resolved_lake(tmp_path, {"driver_permit": rows})
    assert main([str(lake.root), "person", "made up"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["training"]["source"] == "made up"
    assert told["training"]["records"] == 120
    assert told["training"]["same_pairs"] == 60
    assert tuple(told["levels"]) == tuple(PERSON.level_names)
