"""Guarded, read-only Cypher of investigators."""

from dataclasses import replace

from fastapi import APIRouter

from api.identity.sessions import CallerOf, ServicesOf
from api.reading.questions import ask_cypher
from api.routes.queries import answer_shape
from api.shapes.problem import ASK
from api.shapes.question import AnswerShape, CypherRequest

router = APIRouter(prefix="/api/v1", tags=["查询 queries"])


@router.post("/cypher", response_model=AnswerShape, summary="自由查询 cypher", responses=ASK)
def run(services: ServicesOf, caller: CallerOf, body: CypherRequest) -> AnswerShape:
    """Rows of one statement that only reads; statement, purpose and rows are in the audit trail."""
    asked = replace(caller, purpose=body.purpose.strip() or caller.purpose)
    return answer_shape(ask_cypher(services, asked, body.cypher, body.row_limit))
