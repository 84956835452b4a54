"""Leads as far as they can be read, and their papers."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from api.identity.sessions import CallerOf, ServicesOf
from api.reading import leads
from api.reading.briefings import make_paper
from api.security import PAPER_POLICY
from api.shapes.lead import BriefingRequest, EvidenceShape, LeadFileShape, LeadsShape
from api.shapes.problem import ASK, READ, READ_ONE
from casework.lead import LeadFilter

router = APIRouter(prefix="/api/v1", tags=["线索 leads"])


@router.get("/leads", response_model=LeadsShape, summary="线索列表 leads", responses=READ)
def page(
    services: ServicesOf,
    caller: CallerOf,
    grade: Annotated[int | None, Query(ge=1, le=3)] = None,
    model: Annotated[str, Query(max_length=20)] = "",
    state: Annotated[str, Query(max_length=40)] = "",
    division: Annotated[str, Query(max_length=6, description="行政区划代码前缀")] = "",
    q: Annotated[str, Query(max_length=200, description="标题或编号中的文字")] = "",
    after: Annotated[str, Query(max_length=40, description="上一页的 next")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> leads.LeadPage:
    """Leads by grade, score and number."""
    where = LeadFilter(
        grade=grade,
        model=model,
        state=state,
        division=division,
        text=q,
        after=after,
        limit=limit,
    )
    return leads.list_leads(services, caller, where)


@router.get(
    "/leads/{lead_no}",
    response_model=LeadFileShape,
    summary="一条线索 one lead",
    responses=READ_ONE,
)
def one(
    services: ServicesOf, caller: CallerOf, lead_no: Annotated[str, Path(max_length=200)]
) -> LeadFileShape:
    """The lead with finding, evidence rows as delivered (L4 masked), history and law."""
    view = leads.read_lead(services, caller, lead_no)
    evidence = [
        EvidenceShape(
            reference=row.evidence.reference,
            role=row.evidence.role,
            dataset=row.evidence.dataset,
            dataset_zh=row.dataset_zh,
            agency_zh=row.agency_zh,
            path=row.path,
            sheet=row.sheet,
            line=row.line,
            cells=row.cells,
            is_current=row.is_current,
        )
        for row in view.evidence
    ]
    return LeadFileShape.model_validate(
        {
            "lead": view.lead,
            "finding": view.finding.to_json(),
            "evidence": evidence,
            "events": list(view.events),
            "law": list(view.law),
            "has_legal_gap": view.has_legal_gap,
        }
    )


@router.post(
    "/briefings",
    summary="线索专报 briefing",
    response_class=Response,
    responses={
        200: {
            "description": "文件 the document",
            "content": {
                "text/html": {},
                "image/svg+xml": {},
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document": {},
            },
        },
        **ASK,
    },
)
def briefing(services: ServicesOf, caller: CallerOf, body: BriefingRequest) -> Response:
    """One lead as a paper (HTML or DOCX), as its interactive network, or as a figure."""
    paper = make_paper(services, caller, body.lead_no, body.format)
    return paper_response(paper.content, paper.media_type, paper.filename)


def paper_response(content: bytes, media_type: str, filename: str) -> Response:
    """A document to save, fenced in should a browser open it."""
    return Response(
        content,
        media_type=media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{filename}"',
            "Content-Security-Policy": PAPER_POLICY,
        },
    )
