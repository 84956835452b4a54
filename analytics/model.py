"""The frame of a detection model: what it declares, what it is given, what it returns.

A model is one file in ``analytics/models`` with one ``MODEL = Model(...)``. Its ``detect`` is a
pure function of the views and its parameters; identity, caps, data gate and law of the day are
the frame's work (``analytics/run.py``).
"""

from collections.abc import Callable, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields
from datetime import date, datetime
from typing import Any, ClassVar, Generic, Literal, Protocol, TypeVar

import duckdb

from graph.types import Cap, Evidence, Finding, InnocentCheck, Json, Statistic, Subject


class Parameters(Protocol):
    """The dataclass that holds a model's thresholds."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


P = TypeVar("P", bound=Parameters)


def parameter(
    default: Any,
    *,
    unit: str,
    source: str,
    author: str = "design",
    on: str = "2026-11-21",
) -> Any:
    """A threshold of a model as a dataclass field: default with unit, source, author and date."""
    return field(
        default=default, metadata={"unit": unit, "source": source, "author": author, "on": on}
    )


@dataclass(frozen=True, slots=True)
class Draft:
    """One case as a model sees it, before the frame gives it an id, caps and law.

    ``grade`` 1 (most severe) to 3; ``score`` 0 to 1. ``identity`` are the values whose hash,
    with ``discriminator`` and the first Shanghai day of ``started_at``, makes the finding id.
    Times are UTC without zone. A model whose grade rests on p-values applies
    Benjamini-Hochberg itself, over all subjects that it tested (RULINGS 14).
    """

    grade: int
    score: float
    identity: tuple[str, ...]
    discriminator: str
    started_at: datetime
    ended_at: datetime
    title: str
    reason: str
    subjects: tuple[Subject, ...]
    evidence: tuple[Evidence, ...]
    quantities: dict[str, float] = field(default_factory=dict)
    statistics: tuple[Statistic, ...] = ()
    innocent: tuple[InnocentCheck, ...] = ()
    would_clear: tuple[str, ...] = ()
    searched: tuple[str, ...] = ()
    legal_refs: tuple[str, ...] = ()
    caps: tuple[Cap, ...] = ()


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a model may read.

    ``sql`` is a DuckDB cursor over the views of docs/architecture.md; ``as_of`` the Shanghai day
    (inclusive) and ``until`` its end as UTC without zone: events at or after it do not count.
    ``findings`` gives the findings of models that ran before, by id prefix. To ``left_out`` a model
    tells, in one line each, what it did not look at although the data is there.
    """

    sql: duckdb.DuckDBPyConnection
    as_of: date
    until: datetime
    findings: Callable[[Sequence[str]], list[Finding]]
    left_out: Callable[[str], None] = lambda _line: None


@dataclass(frozen=True, slots=True)
class Model(Generic[P]):
    """A detection model and everything that the console says about it.

    ``notice`` says who may see grades 3 and 2 outside the data room (``enterprise``, ``neutral``
    or ``internal``). ``datasets`` are those it reads; while one of the ``required`` ones is
    empty it reports nothing and says so. ``legal_refs`` cite the references in their newest
    numbering.
    ``after`` names model id prefixes that must run first.
    """

    id: str
    version: str
    name_zh: str
    name_en: str
    direction: Literal["A", "B", "C", "D"]
    notice: Literal["enterprise", "neutral", "internal"]
    datasets: tuple[str, ...]
    required: tuple[str, ...]
    legal_refs: tuple[str, ...]
    params: P
    detect: Callable[[Inputs, P], list[Draft]]
    episode_gap_days: int
    after: tuple[str, ...] = ()

    def parameters(self) -> dict[str, Json]:
        """Current parameter values by name."""
        return {f.name: getattr(self.params, f.name) for f in fields(self.params)}

    def parameter_notes(self) -> dict[str, dict[str, str]]:
        """Unit, source, author and date of each parameter."""
        return {
            f.name: {str(k): str(v) for k, v in f.metadata.items()}
            for f in fields(self.params)
            if f.default is not MISSING
        }
