"""Search, one entity, its neighbours, and how two things hang together."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.identity.sessions import CallerOf, ServicesOf
from api.reading import entity, neighbours, paths, resolution, search
from api.reading.sides import SideAsked
from api.shapes.body import Id
from api.shapes.entity import EntityShape, SearchShape
from api.shapes.graph import NeighbourhoodShape, WaysShape
from api.shapes.problem import READ_ONE
from api.shapes.resolution import WhyShape
from viz.resolution_words import REASON_ZH

router = APIRouter(prefix="/api/v1", tags=["主体 entities"])
EntityId = Annotated[
    str, Path(max_length=200, description="如 org:0123456789abcdef；合并前的编号仍有效")
]


@router.get("/search", response_model=SearchShape, summary="检索 search", responses=READ_ONE)
def find(
    services: ServicesOf,
    caller: CallerOf,
    q: Annotated[
        str, Query(min_length=1, max_length=200, description="名称、代码、车牌、电话或编号")
    ],
    kind: Annotated[list[str], Query(max_length=20, description="只找这些类别")] = [],  # noqa: B006 - read only
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> search.SearchAnswer:
    """Entities by name, code, plate, phone or id, best first."""
    return search.search(services, caller, q, kind, limit)


@router.get(
    "/entities/{entity_id}",
    response_model=EntityShape,
    summary="主体档案 one entity",
    responses=READ_ONE,
)
def one(
    services: ServicesOf,
    caller: CallerOf,
    entity_id: EntityId,
    unmask: Annotated[bool, Query(description="显示未遮蔽的 L4 值（须目的与案件编号）")] = False,
) -> entity.EntityProfile:
    """Names by source, identifiers masked by role, roles, sources, findings and leads."""
    return entity.read_entity(services, caller, entity_id, unmask=unmask)


@router.get(
    "/entities/{entity_id}/why",
    response_model=WhyShape,
    summary="为何是或不是同一主体 why",
    responses=READ_ONE,
)
def explain(
    services: ServicesOf,
    caller: CallerOf,
    entity_id: EntityId,
    other: Annotated[
        str,
        Query(
            min_length=1,
            max_length=300,
            description="另一单位的编号，或行引用 dataset:batch:row:part:role",
        ),
    ],
) -> WhyShape:
    """The comparisons that joined two organisations, or what kept them apart."""
    sides = SideAsked.parse(entity_id), SideAsked.parse(other)
    found = resolution.read_why(services, caller, *sides)
    return WhyShape.model_validate({**asdict(found), "reason_zh": REASON_ZH[found.reason]})


@router.get(
    "/entities/{entity_id}/neighbours",
    response_model=NeighbourhoodShape,
    summary="邻居 neighbours",
    responses=READ_ONE,
)
def around(
    services: ServicesOf,
    caller: CallerOf,
    entity_id: EntityId,
    type_: Annotated[str, Query(alias="type", max_length=40, description="关系类型")] = "",
    label: Annotated[str, Query(max_length=40, description="邻居类别，如 Organization")] = "",
    after: Annotated[str, Query(max_length=300, description="上一页的 next")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> neighbours.Neighbourhood:
    """Counts of all ties first, then neighbours, most tied first."""
    where = neighbours.TieFilter(type_, label, after, limit)
    return neighbours.neighbours(services, caller, entity_id, where)


@router.get("/paths", response_model=WaysShape, summary="关联路径 paths", responses=READ_ONE)
def between(
    services: ServicesOf,
    caller: CallerOf,
    from_: Annotated[Id, Query(alias="from", description="起点编号")],
    to: Annotated[Id, Query(description="终点编号")],
    max_hops: Annotated[int, Query(ge=1, le=6)] = 4,
) -> paths.Ways:
    """The shortest ways that pass through no crowded phone or address."""
    return paths.paths(services, caller, from_, to, max_hops)
