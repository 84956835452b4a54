"""Leads and their files as far as the caller reads them."""

from dataclasses import dataclass, replace

from api.errors import NotFound
from api.identity.caller import Caller
from api.reading.findings import masked_finding
from api.reading.objects import shanghai
from api.services import Services
from casework.errors import UnknownLead
from casework.evidence import EvidenceRow
from casework.lead import Lead, LeadEvent, LeadFile, LeadFilter
from graph.types import Finding
from records.law import LEGAL_GAP, load_references
from records.masking import mask_cells, mask_text

MOST = 200


@dataclass(frozen=True, slots=True)
class LeadPage:
    """Leads by grade, score and number; ``next`` continues the list, ``total`` counts all of it."""

    items: tuple[Lead, ...]
    next: str | None
    total: int


@dataclass(frozen=True, slots=True)
class LawInForce:
    """An article that may apply if the facts are confirmed."""

    ref_id: str
    citation: str
    gist_en: str


@dataclass(frozen=True, slots=True)
class LeadView:
    """One lead with finding, evidence rows as delivered (L4 cells masked), history and law."""

    lead: Lead
    finding: Finding
    evidence: tuple[EvidenceRow, ...]
    events: tuple[LeadEvent, ...]
    law: tuple[LawInForce, ...]
    has_legal_gap: bool


def _scoped(caller: Caller, where: LeadFilter) -> LeadFilter | None:
    """The filter within the caller's reach; ``None`` when nothing is."""
    caller.require_findings()
    match caller.role.lead_scope:
        case "all":
            return where
        case "own":
            return replace(where, owner=caller.user)
        case _:
            return None


def list_leads(services: Services, caller: Caller, where: LeadFilter) -> LeadPage:
    """Leads by grade, score and number.

    Raises
    ------
    Forbidden
        When the role reads none, or a purpose is missing.
    """
    scoped = _scoped(caller, where)
    services.record(caller, "leads.list", where.model or "*")
    if scoped is None:
        return LeadPage((), None, 0)
    limit = max(1, min(where.limit, MOST))
    with services.leads() as leads:
        found = leads.find(replace(scoped, limit=limit + 1))
        total = leads.count(scoped)
    kept = tuple(replace(lead, title=mask_text(lead.title)) for lead in found[:limit])
    return LeadPage(kept, kept[-1].lead_no if len(found) > limit else None, total)


def lead_counts(services: Services, caller: Caller, column: str) -> dict[str, int]:
    """How many leads within the caller's reach there are by ``grade``, ``model`` or ``state``.

    Raises
    ------
    Forbidden
    """
    scoped = _scoped(caller, LeadFilter())
    if scoped is None:
        return {}
    with services.leads() as leads:
        return leads.counts(column, owner=scoped.owner)


def read_file(services: Services, caller: Caller, lead_no: str) -> LeadFile:
    """The whole file of a lead, its cells **unmasked**, for pictures and papers that mask.

    Raises
    ------
    NotFound
        When there is none of that number, or none within the caller's reach.
    Forbidden
    """
    caller.require_findings()
    services.record(caller, "lead.read", lead_no)
    try:
        with services.leads() as leads:
            file = leads.file(lead_no)
    except UnknownLead as error:
        raise NotFound(str(error)) from error
    scope = caller.role.lead_scope
    if scope == "transfer" or (scope == "own" and file.lead.owner != caller.user):
        raise NotFound(f"没有编号为 {lead_no} 的线索；可用 jinghuan leads list 查看全部线索")
    return file


def read_lead(services: Services, caller: Caller, lead_no: str) -> LeadView:
    """One lead, ready to be shown; a finding id is accepted as well.

    Raises
    ------
    NotFound, Forbidden
    """
    file = read_file(services, caller, lead_no)
    references = load_references()
    return LeadView(
        lead=replace(file.lead, title=mask_text(file.lead.title)),
        finding=masked_finding(file.finding),
        evidence=tuple(_masked_row(row) for row in file.evidence),
        events=tuple(replace(event, at=shanghai(event.at)) for event in file.events),
        law=tuple(
            LawInForce(ref, references[ref].citation, references[ref].gist_en)
            for ref in file.finding.legal_refs
            if ref in references
        ),
        has_legal_gap=LEGAL_GAP in file.finding.legal_refs,
    )


def _masked_row(row: EvidenceRow) -> EvidenceRow:
    return replace(row, cells=mask_cells(row.evidence.dataset, row.cells))
