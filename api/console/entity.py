"""主体: who is this, and who says so."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import Path, Query, Request, Response

from api.console.filters import mention_role_zh
from api.console.frame import page_router, render
from api.console.lead import entity_href
from api.console.session import PageCaller
from api.errors import NotFound
from api.identity.caller import Caller
from api.identity.sessions import ServicesOf
from api.reading.entity import Statement, read_entity
from api.reading.neighbours import Neighbourhood, TieFilter, neighbours
from api.reading.resolution import EntityResolution, JoinedRecord
from api.reading.subgraph import SubgraphFilter, subgraph
from api.services import Services
from graph.errors import GraphError
from graph.ontology import relationship
from viz.canvas import drawing_json
from viz.grammar import legend_lines, legend_nodes
from viz.picture import Picture
from viz.resolution_words import JOINED_ZH
from viz.surroundings import picture_of_subgraph
from viz.waterfall import Waterfall, waterfall

router = page_router()
DRAWN = 36
LISTED = 60
# A firm's documents would bury what ties it to others; they stand in the list of neighbours.
FIRM_TIES = (
    "TRANSFERRED_TO",
    "INVOICED",
    "SHAREHOLDER_OF",
    "LEGAL_REP_OF",
    "OFFICER_OF",
    "BRANCH_OF",
    "HAS_PHONE",
    "LOCATED_AT",
    "HAS_SITE",
    "OWNS_VEHICLE",
    "OPERATES",
    "TESTED",
)


@dataclass(frozen=True, slots=True)
class Said:
    """One name or identifier and everybody who gives it."""

    value: str
    rows: int
    is_masked: bool
    sources: tuple[str, ...]


def _said(statements: Sequence[Statement]) -> list[Said]:
    """Statements by value, most rows first."""
    by_value: dict[str, list[Statement]] = {}
    for statement in statements:
        by_value.setdefault(statement.value, []).append(statement)
    found = [
        Said(
            value,
            sum(s.rows for s in own),
            any(s.is_masked for s in own),
            tuple(
                f"{s.agency_zh}·{s.dataset_zh}（{mention_role_zh(s.role)}，{s.rows} 行）"
                for s in own
            ),
        )
        for value, own in by_value.items()
    ]
    return sorted(found, key=lambda said: -said.rows)


@dataclass(frozen=True, slots=True)
class Joined:
    """A record of the entity; ``drawing`` shows its strongest edge, ``other`` whom it was with."""

    record: JoinedRecord
    drawing: Waterfall | None
    other: str


def _joined(resolution: EntityResolution | None) -> list[Joined]:
    """The records that were joined into the entity, each with its drawing."""
    if resolution is None:
        return []
    return [
        Joined(
            record,
            waterfall(step, resolution.threshold_bits) if (step := record.step) else None,
            "" if step is None else (step.name_b if step.name_a == record.name else step.name_a),
        )
        for record in resolution.records
    ]


def _graph_part(
    services: Services, caller: Caller, entity_id: str, where: TieFilter, name: str
) -> tuple[Neighbourhood | None, Picture | None, str]:
    """Neighbours and picture; a graph that does not answer costs this part of the page only."""
    try:
        around = neighbours(services, caller, entity_id, where)
        types = FIRM_TIES if entity_id.startswith("org:") else ()
        drawn = subgraph(services, caller, [entity_id], SubgraphFilter(1, DRAWN, types))
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
        names=_said(profile.names),
        identifiers=_said(profile.identifiers),
        joined=_joined(profile.resolution),
        joined_words=JOINED_ZH,
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
