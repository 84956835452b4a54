"""Border types: what detection hands to casework, pictures and the outside."""

import json
from dataclasses import dataclass, field
from typing import Literal

EntityKind = Literal[
    "organization", "person", "vehicle", "phone", "address", "site", "outlet", "account", "case"
]
SMALL, NOTHING = 1e-3, 1e-12
Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def _rounded(value: Json) -> Json:
    if isinstance(value, float):
        # A small probability is not nothing; what is left of sums that cancel is.
        return float(f"{value:.3g}") if NOTHING < abs(value) < SMALL else round(value, 6)
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return value


@dataclass(frozen=True, slots=True)
class Evidence:
    """One row that a finding rests on; ``role`` says what it shows there."""

    dataset: str
    batch: str
    row: int
    part: int
    key: str
    role: str

    @property
    def reference(self) -> str:
        """Row reference ``dataset:batch:row:part``."""
        return f"{self.dataset}:{self.batch}:{self.row}:{self.part}"

    def to_json(self) -> dict[str, Json]:
        """Published form."""
        return {
            "dataset": self.dataset,
            "batch": self.batch,
            "row": self.row,
            "part": self.part,
            "key": self.key,
            "role": self.role,
        }


@dataclass(frozen=True, slots=True)
class Subject:
    """An entity that a finding is about, with its role there and the source's own identifiers."""

    entity_id: str
    kind: EntityKind
    role: str
    name: str
    ids: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Json]:
        """Published form."""
        return {
            "entity_id": self.entity_id,
            "kind": self.kind,
            "role": self.role,
            "name": self.name,
            "ids": dict(sorted(self.ids.items())),
        }


@dataclass(frozen=True, slots=True)
class Statistic:
    """A number with the threshold that it is held against; ``n`` observations behind it."""

    name: str
    value: float
    threshold: float | None
    unit: str
    n: int | None = None

    def to_json(self) -> dict[str, Json]:
        """Published form."""
        return {
            "name": self.name,
            "value": self.value,
            "threshold": self.threshold,
            "unit": self.unit,
            "n": self.n,
        }


@dataclass(frozen=True, slots=True)
class InnocentCheck:
    """An innocent explanation: was it tested, and ``result`` ruled_out, holds or unknown."""

    code: str
    tested: bool
    result: Literal["ruled_out", "holds", "unknown"]

    def to_json(self) -> dict[str, Json]:
        """Published form."""
        return {"code": self.code, "tested": self.tested, "result": self.result}


@dataclass(frozen=True, slots=True)
class Cap:
    """Why a grade was made milder: ``grade`` is the most severe one still allowed."""

    code: str
    grade: int
    reason: str

    def to_json(self) -> dict[str, Json]:
        """Published form."""
        return {"code": self.code, "grade": self.grade, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Finding:
    """What a model found: a graded suspicion with everything that it rests on."""

    finding_id: str
    model: str
    model_version: str
    grade_raw: int
    grade: int
    caps: tuple[Cap, ...]
    score: float
    status: Literal["ok", "data_issue"]
    as_of: str
    window_from: str
    window_to: str
    title: str
    reason: str
    subjects: tuple[Subject, ...]
    quantities: dict[str, float]
    statistics: tuple[Statistic, ...]
    innocent: tuple[InnocentCheck, ...]
    would_clear: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    searched: tuple[str, ...]
    legal_refs: tuple[str, ...]
    params: dict[str, Json]
    replaces: str | None = None

    def to_json(self) -> dict[str, Json]:
        """Published form, in the published order of fields."""
        document: dict[str, Json] = {
            "finding_id": self.finding_id,
            "model": self.model,
            "model_version": self.model_version,
            "grade_raw": self.grade_raw,
            "grade": self.grade,
            "caps": [cap.to_json() for cap in self.caps],
            "score": self.score,
            "status": self.status,
            "as_of": self.as_of,
            "window": {"from": self.window_from, "to": self.window_to},
            "title": self.title,
            "reason": self.reason,
            "subjects": [subject.to_json() for subject in self.subjects],
            "quantities": dict(sorted(self.quantities.items())),
            "statistics": [statistic.to_json() for statistic in self.statistics],
            "innocent": [check.to_json() for check in self.innocent],
            "would_clear": list(self.would_clear),
            "evidence": [row.to_json() for row in self.evidence],
            "searched": list(self.searched),
            "legal_refs": list(self.legal_refs),
            "params": dict(sorted(self.params.items())),
            "replaces": self.replaces,
        }
        return {key: _rounded(value) for key, value in document.items()}

    def to_line(self) -> str:
        """One JSON line without a trailing newline; equal findings give equal bytes."""
        return json.dumps(self.to_json(), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_line(cls, line: str) -> "Finding":
        """Read back what :meth:`to_line` wrote."""
        d = json.loads(line)
        return cls(
            finding_id=d["finding_id"],
            model=d["model"],
            model_version=d["model_version"],
            grade_raw=d["grade_raw"],
            grade=d["grade"],
            caps=tuple(Cap(**cap) for cap in d["caps"]),
            score=d["score"],
            status=d["status"],
            as_of=d["as_of"],
            window_from=d["window"]["from"],
            window_to=d["window"]["to"],
            title=d["title"],
            reason=d["reason"],
            subjects=tuple(Subject(**subject) for subject in d["subjects"]),
            quantities=d["quantities"],
            statistics=tuple(Statistic(**statistic) for statistic in d["statistics"]),
            innocent=tuple(InnocentCheck(**check) for check in d["innocent"]),
            would_clear=tuple(d["would_clear"]),
            evidence=tuple(Evidence(**row) for row in d["evidence"]),
            searched=tuple(d["searched"]),
            legal_refs=tuple(d["legal_refs"]),
            params=d["params"],
            replaces=d["replaces"],
        )


@dataclass(frozen=True, slots=True)
class Node:
    """A node of a picture or an answer: ``label`` of GRAPH_SCHEMA, ``role`` within a finding."""

    id: str
    label: str
    name: str
    role: str = ""
    properties: dict[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Edge:
    """A directed relationship between two nodes of a :class:`Subgraph`."""

    source: str
    target: str
    type: str
    properties: dict[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Subgraph:
    """Nodes and edges to draw or send; ``left_out`` counts what did not fit, by label."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    left_out: dict[str, int] = field(default_factory=dict)
