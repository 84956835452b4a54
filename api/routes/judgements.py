"""Judgements of people about records, and the pairs that wait for one."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.deciding.judgements import judge, undo
from api.identity.sessions import CallerOf, ServicesOf
from api.reading import judgements, review
from api.reading.sides import SideAsked
from api.shapes.judgement import (
    EntitySide,
    JudgementRequest,
    JudgementShape,
    JudgementsShape,
    ReviewShape,
    RowSide,
    UndoRequest,
)
from api.shapes.problem import DECIDE, READ

router = APIRouter(prefix="/api/v1", tags=["归并判定 judgements"])


@router.post(
    "/judgements",
    response_model=JudgementShape,
    status_code=201,
    summary="作出或撤销判定 judge, undo",
    responses={200: {"model": JudgementShape, "description": "已撤销 taken back"}, **DECIDE},
)
def decide(
    services: ServicesOf,
    caller: CallerOf,
    body: JudgementRequest | UndoRequest,
    response: Response,
) -> judgements.RecordedView:
    """Keep a judgement or take one back; both take effect when resolution runs next."""
    if isinstance(body, UndoRequest):
        response.status_code = 200
        return undo(services, caller, body.undo)
    sides = (_side(body.a), _side(body.b))
    return judge(services, caller, sides, body.verdict, body.reason)


def _side(side: EntitySide | RowSide) -> SideAsked:
    if isinstance(side, EntitySide):
        return SideAsked(entity_id=side.entity_id)
    return SideAsked(row=side.row, role=side.role)


@router.get(
    "/judgements", response_model=JudgementsShape, summary="判定列表 judgements", responses=READ
)
def page(
    services: ServicesOf,
    caller: CallerOf,
    after: Annotated[int | None, Query(ge=1, le=2**53, description="上一页的 next")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> judgements.JudgementPage:
    """Judgements of everybody, newest first, withdrawn ones too."""
    return judgements.list_judgements(services, caller, after, limit)


@router.get("/review", response_model=ReviewShape, summary="待人工判定 review", responses=READ)
def queue(
    services: ServicesOf,
    caller: CallerOf,
    after: Annotated[str, Query(max_length=60, description="上一页的 next")] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> review.ReviewPage:
    """Pairs that nobody judged yet, those first whose answer moves most rows most likely."""
    return review.list_review(services, caller, after, limit)
