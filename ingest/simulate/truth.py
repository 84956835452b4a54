"""What was planted, kept apart from everything that is delivered."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import polars as pl

Kind = Literal["hit", "near_miss", "look_alike"]
Severity = Literal["", "slight", "serious", "grave"]


@dataclass(slots=True)
class Case:
    """One planted case; ``tag`` marks its rows while they are made and never leaves memory.

    ``severity`` says in plain words how grave a hit is: ``slight``, ``serious`` or ``grave``.
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
    subjects: list[dict[str, str]] = field(default_factory=list)
    rows: list[dict[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Truth:
    """Cases, names under which each firm was delivered, rows broken on purpose."""

    seed: int
    cases: list[Case] = field(default_factory=list)
    written: set[tuple[str, str]] = field(default_factory=set)
    bad_rows: dict[str, dict[str, int]] = field(default_factory=dict)

    def plant(self, case: Case) -> Case:
        """Remember a case."""
        self.cases.append(case)
        return case

    def claim(self, dataset: str, tags: pl.Series, keys: pl.Series) -> None:
        """Rows of ``dataset`` whose tag names a case belong to it; a tag may be ``case/part``."""
        by_tag = {case.tag: case for case in self.cases}
        for tag, key in sorted(set(zip(tags.to_list(), keys.to_list(), strict=True))):
            case = by_tag.get(tag.split("/")[0])
            if case is not None:
                case.rows.append({"dataset": dataset, "key": key})

    def write(self, path: Path, firms: pl.DataFrame) -> None:
        """Write the truth file."""
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
                "subjects": [{"kind": "organization", "uscc": codes[f]} for f in case.firms]
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
