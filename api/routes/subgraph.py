"""A part of the graph for drawing."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.identity.sessions import CallerOf, ServicesOf
from api.reading.subgraph import SubgraphFilter, subgraph
from api.shapes.graph import SubgraphShape
from api.shapes.problem import READ_ONE
from graph.types import Subgraph

router = APIRouter(prefix="/api/v1", tags=["图谱 graph"])


@router.get("/graph", response_model=SubgraphShape, summary="子图 subgraph", responses=READ_ONE)
def around(
    services: ServicesOf,
    caller: CallerOf,
    focus: Annotated[
        list[str], Query(min_length=1, max_length=50, description="主体编号，或线索编号")
    ],
    hops: Annotated[int, Query(ge=1, le=3)] = 1,
    limit: Annotated[int, Query(ge=1, le=300, description="最多节点数")] = 120,
    type_: Annotated[list[str], Query(alias="type", max_length=40)] = [],  # noqa: B006 - read only
) -> Subgraph:
    """Nodes nearest first; what did not fit is counted by label in ``left_out``."""
    ids = [part for item in focus for part in item.split(",") if part]
    return subgraph(services, caller, ids, SubgraphFilter(hops, limit, tuple(type_)))
