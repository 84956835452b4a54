"""What the models found."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query

from api.identity.sessions import CallerOf, ServicesOf
from api.reading import findings
from api.shapes.finding import FindingsShape
from api.shapes.problem import READ, READ_ONE
from graph.types import Json

router = APIRouter(prefix="/api/v1", tags=["发现 findings"])


@router.get("/findings", response_model=FindingsShape, summary="发现列表 findings", responses=READ)
def page(
    services: ServicesOf,
    caller: CallerOf,
    model: Annotated[str, Query(max_length=20)] = "",
    grade: Annotated[int | None, Query(ge=1, le=3)] = None,
    status: Annotated[Literal["", "ok", "data_issue"], Query()] = "",
    division: Annotated[str, Query(max_length=6, description="行政区划代码前缀")] = "",
    subject: Annotated[str, Query(max_length=200, description="主体编号")] = "",
    q: Annotated[str, Query(max_length=200, description="标题中的文字")] = "",
    after: Annotated[str, Query(max_length=200, description="上一页的 next")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> FindingsShape:
    """Findings by grade, score and id, in the form of ``jinghuan findings --format jsonl``."""
    where = findings.FindingFilter(model, grade, status, division, subject, q, after, limit)
    found = findings.list_findings(services, caller, where)
    return FindingsShape.model_validate(
        {
            "items": [finding.to_json() for finding in found.items],
            "next": found.next,
            "total": found.total,
        }
    )


@router.get("/findings/{finding_id}", summary="一条发现 one finding", responses=READ_ONE)
def one(
    services: ServicesOf, caller: CallerOf, finding_id: Annotated[str, Path(max_length=200)]
) -> dict[str, object]:
    """One finding in its published form."""
    document: dict[str, Json] = findings.read_finding(services, caller, finding_id).to_json()
    return dict(document)
