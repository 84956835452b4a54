"""What a lead is, what its file holds, and which leads a list shows."""

from collections.abc import Sequence
from dataclasses import dataclass

from casework.evidence import EvidenceRow
from graph.types import Finding

GRADE_ZH = {1: "一级", 2: "二级", 3: "三级"}


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead as lists show it; ``opened_on`` is the as_of day on which it appeared."""

    lead_no: str
    finding_id: str
    model: str
    grade: int
    state: str
    title: str
    division_code: str | None
    window_to: str
    score: float
    opened_on: str
    owner: str | None
    is_corrected: bool


@dataclass(frozen=True, slots=True)
class LeadEvent:
    """One step of a lead's history; ``at`` is RFC 3339 in UTC."""

    position: int
    at: str
    actor: str
    event: str
    from_state: str
    to_state: str
    note: str


@dataclass(frozen=True, slots=True)
class LeadFile:
    """A lead with its newest frozen copy and its history."""

    lead: Lead
    finding: Finding
    evidence: tuple[EvidenceRow, ...]
    events: tuple[LeadEvent, ...]


@dataclass(frozen=True, slots=True)
class LeadFilter:
    """Which leads a list shows; empty fields do not restrict."""

    grade: int | None = None
    model: str = ""
    state: str = ""
    division: str = ""
    text: str = ""
    owner: str = ""
    after: str = ""
    limit: int = 50


def lead_of(row: Sequence[object]) -> Lead:
    """A lead from a row with the columns of ``lead_tables``."""
    (
        no,
        finding_id,
        model,
        grade,
        state,
        title,
        division,
        window_to,
        score,
        opened,
        owner,
        fixed,
    ) = row
    return Lead(
        str(no),
        str(finding_id),
        str(model),
        int(str(grade)),
        str(state),
        str(title),
        None if division is None else str(division),
        str(window_to),
        float(str(score)),
        str(opened),
        None if owner is None else str(owner),
        bool(fixed),
    )
