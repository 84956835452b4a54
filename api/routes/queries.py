"""The catalogue of queries."""

from typing import Annotated

from fastapi import APIRouter, Path

from api.identity.sessions import CallerOf, ServicesOf
from api.reading.questions import Answer, ask, list_queries
from api.shapes.problem import ASK, READ
from api.shapes.question import AnswerShape, QueriesShape, QueryRequest

router = APIRouter(prefix="/api/v1", tags=["查询 queries"])


@router.get("/queries", response_model=QueriesShape, summary="查询目录 catalogue", responses=READ)
def page(caller: CallerOf) -> QueriesShape:
    """All catalogue queries with parameters and columns."""
    return QueriesShape.model_validate({"items": list_queries(caller)})


@router.post(
    "/queries/{name}", response_model=AnswerShape, summary="运行查询 run a query", responses=ASK
)
def run(
    services: ServicesOf,
    caller: CallerOf,
    name: Annotated[str, Path(max_length=100)],
    body: QueryRequest,
) -> AnswerShape:
    """Rows of one catalogue query."""
    return answer_shape(ask(services, caller, name, body.parameters, body.row_limit))


def answer_shape(answer: Answer) -> AnswerShape:
    """The published form of an answer."""
    found = answer.answer
    return AnswerShape.model_validate(
        {
            "title_zh": answer.title_zh,
            "columns": list(found.columns),
            "labels": list(found.labels),
            "rows": [list(row) for row in found.rows],
            "is_truncated": found.is_truncated,
            "seconds": round(found.seconds, 3),
        }
    )
