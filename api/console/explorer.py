"""图谱: how things hang together, starting from entities or a lead."""

from typing import Annotated

from fastapi import Query, Request, Response

from api.console.frame import page_router, render
from api.console.lead import entity_href
from api.console.session import PageCaller
from api.identity.sessions import ServicesOf
from api.reading.search import SearchAnswer, search
from api.reading.subgraph import SubgraphFilter, subgraph
from graph.ontology import RELATIONSHIPS
from viz.canvas import drawing_json
from viz.grammar import left_out_text, legend_lines, legend_nodes
from viz.surroundings import picture_of_subgraph

router = page_router()


@router.get("/graph")
def page(
    request: Request,
    services: ServicesOf,
    caller: PageCaller,
    focus: Annotated[list[str] | None, Query(max_length=50)] = None,
    q: Annotated[str, Query(max_length=200)] = "",
    hops: Annotated[int, Query(ge=1, le=3)] = 1,
    limit: Annotated[int, Query(ge=10, le=300)] = 80,
    type_: Annotated[str, Query(alias="type", max_length=40)] = "",
) -> Response:
    """The picture around the focus, or a way to choose one."""
    chosen = [item for item in focus or [] if item]
    picture = None
    if chosen:
        part = subgraph(
            services, caller, chosen, SubgraphFilter(hops, limit, (type_,) if type_ else ())
        )
        picture = picture_of_subgraph(part, "关系图谱")
    wanted = q.strip()
    found = search(services, caller, wanted, limit=12) if wanted else SearchAnswer((), False)
    return render(
        request,
        caller,
        "explorer.html",
        title="图谱",
        active="explorer",
        picture=picture,
        drawing=drawing_json(picture, entity_href) if picture else "",
        nodes=legend_nodes(picture) if picture else [],
        lines=legend_lines(picture) if picture else [],
        left_out=left_out_text(picture) if picture else "",
        chosen=chosen,
        wanted=wanted,
        found=found,
        hops=hops,
        limit=limit,
        kept_type=type_,
        types=[(r.name, r.zh) for r in RELATIONSHIPS.values()],
        entity_href=entity_href,
    )
