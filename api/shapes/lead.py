"""Leads, the file of one lead, and its papers."""

from typing import Literal

from pydantic import JsonValue

from api.shapes.body import Id, RequestBody, Shape


class LeadShape(Shape):
    """A lead as lists show it."""

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


class LeadsShape(Shape):
    """A page of leads."""

    items: list[LeadShape]
    next: str | None
    total: int


class EvidenceShape(Shape):
    """A row as the agency delivered it, L4 cells masked."""

    reference: str
    role: str
    dataset: str
    dataset_zh: str
    agency_zh: str
    path: str
    sheet: str | None
    line: int | None
    cells: dict[str, str | None]
    is_current: bool


class EventShape(Shape):
    """A step of a lead's history."""

    position: int
    at: str
    actor: str
    event: str
    from_state: str
    to_state: str
    note: str


class LawShape(Shape):
    """An article that may apply if the facts are confirmed."""

    ref_id: str
    citation: str
    gist_en: str


class LeadFileShape(Shape):
    """One lead with everything that it rests on."""

    lead: LeadShape
    finding: dict[str, JsonValue]
    evidence: list[EvidenceShape]
    events: list[EventShape]
    law: list[LawShape]
    has_legal_gap: bool


class BriefingRequest(RequestBody):
    """Which lead, in which form: ``network`` is its interactive picture as one offline page."""

    lead_no: Id
    format: Literal["html", "docx", "pdf", "network", "svg"] = "html"
