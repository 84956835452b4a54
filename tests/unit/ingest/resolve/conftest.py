"""Small lakes in memory: every dataset is a table of its contract's shape, filled by dicts.

Row numbers follow the order in which rows are given, so a case says which row is which.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ingest.resolve import run as stage
from ingest.resolve.extract import mention_numbers, number_batches
from ingest.resolve.identifiers import USCC_ALPHABET, USCC_WEIGHTS
from ingest.resolve.known import load_known
from ingest.resolve.run import ResolveOptions
from records.contract import load_contract
from records.registry import Judgement, Registry
from records.views import Views, connect_memory, empty_select
from records.workspace import Workspace

Rows = dict[str, list[dict[str, Any]]]


def code_of(number: int) -> str:
    """A valid credit code made from a number."""
    body = f"9132{number:013d}"
    total = sum(int(w) * USCC_ALPHABET.index(c) for w, c in zip(USCC_WEIGHTS, body, strict=True))
    return body + USCC_ALPHABET[(31 - total % 31) % 31]


def id_number_of(number: int, born: str = "19900101") -> str:
    """A valid ID number made from a number."""
    body = f"320500{born}{number:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(w * int(c) for w, c in zip(weights, body, strict=True))
    return body + "10X98765432"[total % 11]


def make_views(rows: Rows, batch: str = "b" * 64) -> Views:
    """Views over a lake of these rows; a row's ``row`` and ``batch`` may be given."""
    connection = connect_memory()
    connection.execute("CREATE TABLE batch_ledger (batch VARCHAR, sequence BIGINT)").fetchall()
    empty = load_contract().datasets.keys() - rows.keys()
    for name in sorted(empty):
        select = empty_select(load_contract().dataset(name).schema)
        connection.execute(f'CREATE VIEW "{name}" AS {select}').fetchall()
    for dataset in map(load_contract().dataset, sorted(rows)):
        given = [
            {"batch": batch, "row": i, "part": 1} | row
            for i, row in enumerate(rows[dataset.name], 1)
        ]
        frame = pl.DataFrame(given, schema=dataset.schema, strict=False)
        connection.register("given_rows", frame.to_arrow())
        connection.execute(f'CREATE TABLE "{dataset.name}" AS SELECT * FROM given_rows').fetchall()
        connection.unregister("given_rows")
    return Views(connection)


def entities_of(
    rows: Rows, kind: str, root: Path, judgements: Iterable[Judgement] = ()
) -> dict[tuple[str, int, str, int], int]:
    """Entity number per (dataset, row, role, ordinal) of one kind; what resolves to none is absent.

    Organisations go first, as in a run, because other kinds lean on them.
    """
    sql = make_views(rows).cursor()
    number_batches(sql)
    known = load_known(sql, Registry(Workspace(root)))
    for each in dict.fromkeys(("organization", kind)):
        given = list(judgements) if each == kind else []
        stage._resolve_kind(sql, each, known, given, ResolveOptions())
    numbers = mention_numbers(kind)
    lines = sql.execute("SELECT mention, row, ordinal, entity FROM mention_member").fetchall()
    return {
        (numbers[mention].dataset, row, numbers[mention].role, ordinal): entity
        for mention, row, ordinal, entity in lines
        if mention in numbers
    }


@pytest.fixture
def lake() -> Callable[[Rows], Views]:
    return make_views
