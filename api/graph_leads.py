"""Leads of casework in the form in which the graph takes them."""

from collections.abc import Sequence
from datetime import datetime

from casework.lead import Lead
from graph.types import Finding
from ingest.load.leads import LABEL_BY_PREFIX, LeadLine, LeadSubject


def lead_lines(copies: Sequence[tuple[Lead, Finding]]) -> list[LeadLine]:
    """Each lead with the entities that its finding is about; what has no node is left out."""
    return [
        LeadLine(
            lead_no=lead.lead_no,
            grade=lead.grade,
            state=lead.state,
            models=(lead.model,),
            finding_ids=(lead.finding_id,),
            about=_about(finding),
        )
        for lead, finding in copies
    ]


def _about(finding: Finding) -> tuple[LeadSubject, ...]:
    sources = tuple(row.reference for row in finding.evidence)
    first = datetime.fromisoformat(finding.window_from)
    last = datetime.fromisoformat(finding.window_to)
    return tuple(
        LeadSubject(subject.entity_id, subject.role, finding.model, sources, first, last)
        for subject in finding.subjects
        if subject.entity_id.partition(":")[0] in LABEL_BY_PREFIX
    )
