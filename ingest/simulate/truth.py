"""What was planted, kept apart from everything that is delivered."""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import polars as pl

Kind = Literal["hit", "near_miss", "look_alike"]
# Too many rows that all carry their code: nothing to be learnt from them.
UNTOLD = frozenset({"power_hour"})
BATCH_DIGITS = 16
Severity = Literal["", "slight", "serious", "grave"]


@dataclass(frozen=True, slots=True)
class Story:
    """What is told of a case, whoever is in it."""

    kind: Kind
    name: str
    why: str
    severity: Severity = ""


@dataclass(slots=True)
class Case:
    """One planted case; ``tag`` marks its rows while they are made and never leaves memory.

    ``severity`` says in plain words how grave a hit is: ``slight``, ``serious`` or ``grave``.
    ``core`` are the firms without which it would not be found at all (none: all weigh the same).
    ``subjects`` are those that are no firms, each with ``kind`` and one identifier.
    """

    tag: str
    model: str
    kind: Kind
    name: str
    firms: list[int]
    why: str
    started: str
    ended: str
    amounts: dict[str, float] = field(default_factory=dict)
    severity: Severity = ""
    core: list[int] = field(default_factory=list)
    subjects: list[dict[str, str]] = field(default_factory=list)
    rows: list[dict[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Truth:
    """Cases, names under which each firm was delivered, rows broken on purpose."""

    seed: int
    cases: list[Case] = field(default_factory=list)
    written: set[tuple[str, str]] = field(default_factory=set)
    bad_rows: dict[str, dict[str, int]] = field(default_factory=dict)
    parties: list[pl.DataFrame] = field(default_factory=list)

    def plant(self, case: Case) -> Case:
        """Remember a case."""
        self.cases.append(case)
        return case

    def claim(self, dataset: str, tags: pl.Series, keys: pl.Series) -> None:
        """Rows of ``dataset`` whose tag names a case belong to it; a tag may be ``case/part``.

        Rows of two cases have both tags, joined by ``+``.
        """
        by_tag = {case.tag: case for case in self.cases}
        for tag, key in sorted(set(zip(tags.to_list(), keys.to_list(), strict=True))):
            for part in tag.split("+"):
                case = by_tag.get(part.split("/")[0])
                if case is not None:
                    case.rows.append({"dataset": dataset, "key": key})

    def know_parties(
        self, dataset: str, data: bytes, parties: pl.DataFrame, broken: tuple[int, int]
    ) -> None:
        """Who is really meant by each row of the file ``data``.

        ``parties`` has one row per good row of the file and the credit code of the firm under the
        name of the column that names it; ``broken`` says where how many broken rows stand.
        """
        if parties.is_empty() or dataset in UNTOLD:
            return
        at, count = broken
        row = pl.int_range(1, pl.len() + 1)
        told = parties.with_columns(
            dataset=pl.lit(dataset),
            batch=pl.lit(hashlib.sha256(data).hexdigest()[:BATCH_DIGITS]),
            row=pl.when(row <= at).then(row).otherwise(row + count),
        )
        long = told.unpivot(
            on=parties.columns, index=["dataset", "batch", "row"], variable_name="column",
            value_name="meant",
        )  # fmt: skip
        self.parties.append(long.drop_nulls("meant"))

    def write(self, path: Path, firms: pl.DataFrame) -> None:
        """Write the truth file, and beside it who is meant by each row (``.members.csv``)."""
        codes = firms["uscc"].to_list()
        entities: dict[str, list[str]] = {}
        for code, name in sorted(self.written):
            entities.setdefault(code, []).append(name)
        cases = [
            {
                "model": case.model,
                "kind": case.kind,
                "severity": case.severity,
                "name": case.name,
                "amounts": case.amounts,
                "subjects": [
                    {"kind": "organization", "uscc": codes[firm], "core": firm in case.core}
                    for firm in case.firms
                ]
                + case.subjects,
                "rows": case.rows,
                "from": case.started,
                "to": case.ended,
                "why": case.why,
            }
            for case in self.cases
        ]
        document = {
            "seed": self.seed,
            "cases": cases,
            "entities": entities,
            "bad_rows": dict(sorted(self.bad_rows.items())),
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        if self.parties:
            pl.concat(self.parties).write_csv(path.with_suffix(".members.csv"))
