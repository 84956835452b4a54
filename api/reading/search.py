"""Search: entities by name, code, plate, phone or id, as far as the caller sees them."""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from api.identity.caller import Caller
from api.reading.objects import KIND_BY_LABEL, L4_PROPERTIES
from api.services import Services
from graph import search as graph_search
from graph.ontology import LABELS
from records.masking import mask_text, mask_value

MOST = 100
# Some of what is found may not be shown: more is asked for than is given.
ASKED_FOR_EACH = 3


@dataclass(frozen=True, slots=True)
class Found:
    """One entity that was found; ``matched`` is the property that did, ``score`` within 0..1."""

    entity_id: str
    label: str
    kind: str
    name: str
    matched: str
    score: float
    level: str
    code: str
    division_code: str


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """Entities best first; ``has_more`` when the limit cut the list."""

    items: tuple[Found, ...]
    has_more: bool


def search(
    services: Services, caller: Caller, text: str, kinds: Sequence[str] = (), limit: int = 20
) -> SearchAnswer:
    """Entities that ``text`` may mean, best first, at most 100.

    Raises
    ------
    UnknownTerm
        When a kind does not exist.
    StoreUnreachable
    """
    limit = max(1, min(limit, MOST))
    services.record(caller, "search", mask_text(text)[:200], ",".join(kinds))
    wanted = text.strip()
    hits = [
        hit
        for hit in graph_search.search(
            services.graph, wanted, kinds=kinds, limit=limit * ASKED_FOR_EACH + 1
        )
        if caller.sees(hit.label, hit.level)
    ]
    kept = hits[:limit]
    with services.sql() as sql:
        facts = _facts(sql, [hit.id for hit in kept])
    return SearchAnswer(
        tuple(_found(hit, *facts.get(hit.id, ("", ""))) for hit in kept), len(hits) > limit
    )


def _found(hit: graph_search.Hit, code: str, division: str) -> Found:
    is_l4 = LABELS[hit.label].caption in L4_PROPERTIES
    return Found(
        hit.id,
        hit.label,
        KIND_BY_LABEL[hit.label],
        mask_value(hit.name) if is_l4 else hit.name,
        hit.property,
        hit.score,
        hit.level,
        code,
        division,
    )


def _facts(sql: duckdb.DuckDBPyConnection, ids: list[str]) -> dict[str, tuple[str, str]]:
    """What tells two of one name apart: code and division, by id."""
    rows = sql.execute(
        "SELECT entity_id, coalesce(uscc, ''), coalesce(division_code, '') FROM organization"
        " WHERE entity_id IN (SELECT unnest($ids::VARCHAR[]))"
        " UNION ALL SELECT entity_id, '', coalesce(division_code, '') FROM site"
        " WHERE entity_id IN (SELECT unnest($ids::VARCHAR[]))",
        {"ids": ids},
    ).fetchall()
    return {str(i): (str(code), str(division)) for i, code, division in rows}
