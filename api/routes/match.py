"""Which known organisations new rows mean."""

from fastapi import APIRouter

from api.identity.sessions import CallerOf, ServicesOf
from api.reading.match import MatchAnswer, match_rows
from api.shapes.match import MatchRequest, MatchShape
from api.shapes.problem import problems
from ingest.resolve.match_pairs import MatchQuery

router = APIRouter(prefix="/api/v1", tags=["主体 entities"])


@router.post(
    "/match",
    response_model=MatchShape,
    summary="比对 match",
    responses=problems(400, 401, 403, 422, 503),
)
def run(services: ServicesOf, caller: CallerOf, body: MatchRequest) -> MatchAnswer:
    """Candidate entities per row with bits, decision and waterfall; nothing is kept."""
    rows = [MatchQuery(**row.model_dump()) for row in body.rows]
    return match_rows(services, caller, rows)
