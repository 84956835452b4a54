"""主体: who is this, and who says so."""

from typing import Annotated
from urllib.parse import quote

from fastapi import Path, Query, Request, Response

from api.console.frame import page_router, render
from api.console.lead import entity_href
from api.console.session import PageCaller
from api.errors import NotFound
from api.identity.caller import Caller
from api.identity.sessions import ServicesOf
from api.reading.entity import read_entity
from api.reading.neighbours import Neighbourhood, TieFilter, neighbours
from api.reading.subgraph import SubgraphFilter, subgraph
from api.services import Services
from graph.errors import GraphError
from graph.ontology import relationship
from viz.canvas import drawing_json
from viz.grammar import legend_lines, legend_nodes
from viz.picture import Picture
from viz.surroundings import picture_of_subgraph

router = page_router()
DRAWN = 36
LISTED = 60


def _graph_part(
    services: Services, caller: Caller, entity_id: str, where: TieFilter, name: str
) -> tuple[Neighbourhood | None, Picture | None, str]:
    """Neighbours and picture; a graph that does not answer costs this part of the page only."""
    try:
        around = neighbours(services, caller, entity_id, where)
        drawn = subgraph(services, caller, [entity_id], SubgraphFilter(hops=1, limit=DRAWN))
    except NotFound:
        return None, None, "该主体尚未入图；请运行 jinghuan load 后再看"
    except GraphError as error:
        return None, None, str(error)
    return around, picture_of_subgraph(drawn, name), ""


@router.get("/entities/{entity_id}")
def page(
    request: Request,
    services: ServicesOf,
    caller: PageCaller,
    entity_id: Annotated[str, Path(max_length=200)],
    type_: Annotated[str, Query(alias="type", max_length=40)] = "",
    label: Annotated[str, Query(max_length=40)] = "",
    after: Annotated[str, Query(max_length=300)] = "",
) -> Response:
    """The profile with sources, findings and neighbours."""
    profile = read_entity(services, caller, entity_id)
    where = TieFilter(type=type_, label=label, after=after, limit=LISTED)
    around, picture, trouble = _graph_part(services, caller, profile.entity_id, where, profile.name)
    return render(
        request,
        caller,
        "entity.html",
        title=profile.name,
        active="explorer",
        profile=profile,
        around=around,
        picture=picture if picture and len(picture.nodes) > 1 else None,
        trouble=trouble,
        drawing=drawing_json(picture, entity_href) if picture else "",
        nodes=legend_nodes(picture) if picture else [],
        lines=legend_lines(picture) if picture else [],
        kept_type=type_,
        kept_label=label,
        own=f"/entities/{quote(profile.entity_id)}",
        entity_href=entity_href,
        relationship_zh=lambda name: relationship(name).zh,
    )
