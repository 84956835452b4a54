"""A workspace of a dozen firms that lives through judgements and deliveries, checked at each step.

Strategy: what was delivered and judged is kept beside the product, by the key of each row and not
by its reference, and the state after a step is held against that. Judgements go through the
product's own door, so that what it refuses is refused here too.
"""

import shutil
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pytest

from api.deciding.judgements import judge, undo
from api.errors import NotFound, Refused
from api.identity.caller import Caller
from api.identity.roles import ROLES
from api.jobs import Jobs
from api.reading.aliases import resolve_alias
from api.reading.sides import SideAsked
from api.services import Services
from graph.client import GraphStore
from ingest.load.marker import MARK_LABEL
from ingest.load.run import load
from ingest.resolve.run import resolve
from records.registry import Registry, Verdict
from records.views import Views, open_views
from records.workspace import Workspace
from tests.integration.lake_files import Rows, add_batches
from tests.workspace import settings_of

ANALYST = Caller("analyst", ROLES["analyst"], "核查")
# Datasets of a history: columns of the key, role, and the columns that speak of the firm.
KEYS = {
    "enterprise": ("name", "division_code", "site_address"),
    "company": ("uscc",),
    "complaint": ("complaint_no",),
}
ROLE = {"enterprise": "enterprise", "company": "company", "complaint": "target"}
SAYS = {
    "enterprise": ("name", "uscc", "env_phone", "site_address", "legal_rep", "division_code"),
    "company": ("name", "uscc", "phone", "address", "legal_rep", "division_code"),
    "complaint": ("target_name", "target_uscc", "address", "division_code"),
}


class Place(NamedTuple):
    """A row by its dataset and key, whatever was delivered under it last."""

    dataset: str
    key: tuple[str, ...]


class Said(NamedTuple):
    """A judgement as this history knows it."""

    number: int
    a: Place
    b: Place
    verdict: Verdict


class State(NamedTuple):
    """What stands after a step: entity per place, reference per place, aliases, live ids."""

    entity: dict[Place, str]
    reference: dict[Place, str]
    aliases: dict[str, str]
    live: set[str]


def place_of(dataset: str, row: dict[str, str]) -> Place:
    """The place under which a row stands."""
    return Place(dataset, tuple(str(row.get(name) or "") for name in KEYS[dataset]))


@dataclass
class JudgedHistory:
    """One workspace on its way; ``step`` resolves and loads, and checks what must hold."""

    workspace: Workspace
    store: GraphStore
    rows: dict[Place, dict[str, str]] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)
    refused: int = 0
    state: State | None = None
    seen: set[str] = field(default_factory=set)

    def deliver(self, rows: Rows) -> None:
        """Take in rows; those whose key is known are corrections."""
        add_batches(self.workspace, rows)
        for dataset, own in rows.items():
            self.rows |= {place_of(dataset, row): row for row in own}
        self.step()

    def entity(self, place: Place) -> str:
        """Entity of a row now."""
        return self._now().entity[place]

    def current(self, entity_id: str) -> str:
        """The id that stands for ``entity_id`` now."""
        return self._now().aliases.get(entity_id, entity_id)

    def places(self) -> list[Place]:
        """All places in a fixed order."""
        return sorted(self.rows)

    @contextmanager
    def _services(self) -> Iterator[Services]:
        services = Services.open(settings_of(self.workspace.root))
        try:
            yield services
        finally:
            services.close()

    def judge(self, a: Place, b: Place, verdict: Verdict, *, by_id: bool = False) -> bool:
        """Judge two rows, or the entities they belong to; whether the product took it."""
        sides = self._side(a, by_id), self._side(b, by_id)
        before = Registry(self.workspace).recorded()
        try:
            with self._services() as services:
                made = judge(services, ANALYST, sides, verdict, "走访核实")
        except Refused:
            self.refused += 1
            assert Registry(self.workspace).recorded() == before
            return False
        place = {reference: place for place, reference in self._now().reference.items()}
        self.said.append(
            Said(made.number, place[made.a.reference], place[made.b.reference], verdict)
        )
        self.step()
        return True

    def undo(self, *numbers: int) -> None:
        """Take judgements back, and see that none can be taken back twice."""
        with self._services() as services:
            for number in numbers:
                undo(services, ANALYST, number)
                with pytest.raises(NotFound):
                    undo(services, ANALYST, number)
        self.said = [said for said in self.said if said.number not in numbers]
        if numbers:
            self.step()

    def _side(self, place: Place, by_id: bool) -> SideAsked:
        now = self._now()
        if by_id:
            return SideAsked(entity_id=now.entity[place])
        return SideAsked(row=now.reference[place], role=ROLE[place.dataset])

    def _now(self) -> State:
        assert self.state is not None
        return self.state

    def step(self) -> None:
        """Resolve and load, then check."""
        _, report = Jobs(settings_of(self.workspace.root)).resolve()
        assert report is not None
        before = self.state
        with opened(self.workspace) as views:
            assert load(self.workspace, views, self.store) is not None
            self.state = read_state(self.workspace, views)
            self._check_ids(before, self.state, views)
        self._check_judgements(self.state)
        self._check_graph(self.state)

    def check_repeated(self) -> None:
        """Resolving once more gives the same bytes."""
        once = content(self.workspace)
        resolve_anew(self.workspace)
        assert content(self.workspace) == once

    def _check_ids(self, before: State | None, now: State, views: Views) -> None:
        self.seen |= now.live
        assert set(now.entity) == set(self.rows)
        assert set(now.entity.values()) == now.live, "entities without rows"
        assert now.live.isdisjoint(now.aliases), "an id is alive and an alias at once"
        issued = Registry(self.workspace).issued()
        for entity_id in self.seen:
            assert entity_id in issued
            current, _ = resolve_alias(views.cursor(), entity_id)
            assert current in now.live, f"{entity_id} leads nowhere"
        if before is None:
            return
        then, rows = rows_of(before.entity), rows_of(now.entity)
        for entity_id in now.live & before.live:
            assert then[entity_id] & rows[entity_id], f"{entity_id} names other rows than before"
        for entity_id in now.live - before.live:
            assert entity_id not in self.seen - now.live, "an id was given out again"
        for alias, target in before.aliases.items():
            moved = now.aliases.get(target, target)
            assert now.aliases[alias] == moved, "an alias leads elsewhere than its entity went"

    def _check_judgements(self, now: State) -> None:
        said = self._binding()
        rows = rows_of(now.entity)
        apart = [pair for pair, verdict in said.items() if verdict == "different"]
        for a, b in apart:
            assert now.entity[a] != now.entity[b], f"{a} and {b} were judged different"
        for (a, b), verdict in said.items():
            one, two = now.entity[a], now.entity[b]
            if verdict != "same" or one == two:
                continue
            ends = {one, two}
            codes = [{self._code(place) for place in rows[entity]} - {""} for entity in (one, two)]
            tails = {"分公司" in self._name(place) for entity in ends for place in rows[entity]}
            is_refused = (
                (codes[0] and codes[1] and codes[0] != codes[1])
                or len(tails) > 1
                or any({now.entity[x], now.entity[y]} == ends for x, y in apart)
            )
            assert is_refused, f"{a} and {b} were judged the same"

    def _binding(self) -> dict[tuple[Place, Place], Verdict]:
        """The newest verdict of each pair; rows of one dataset that say the same are one."""
        first: dict[tuple[str, tuple[str, ...]], Place] = {}
        stands = {}
        for place in self.places():
            stated = tuple(str(self.rows[place].get(c) or "") for c in SAYS[place.dataset])
            stands[place] = first.setdefault((place.dataset, stated), place)
        newest: dict[tuple[Place, Place], Verdict] = {}
        for _, a, b, verdict in self.said:
            pair = sorted((stands[a], stands[b]))
            if pair[0] != pair[1]:
                newest[pair[0], pair[1]] = verdict
        return newest

    def _code(self, place: Place) -> str:
        row = self.rows[place]
        return str(row.get("uscc") or row.get("target_uscc") or "")

    def _name(self, place: Place) -> str:
        row = self.rows[place]
        return str(row.get("name") or row.get("target_name") or "")

    def _check_graph(self, now: State) -> None:
        found = self.store.read("MATCH (n:Organization) RETURN n.id AS id")
        assert sorted(str(line["id"]) for line in found) == sorted(now.live)

    def check_whole_graph(self) -> None:
        """What the graph holds is what the same tables give an empty store."""
        held = dump(self.store)
        self.store.write("MATCH (n) DETACH DELETE n")
        with opened(self.workspace) as views:
            report = load(self.workspace, views, self.store)
        assert report is not None
        assert report.is_from_scratch
        assert dump(self.store) == held

    def partition(self) -> set[frozenset[Place]]:
        """Which rows are one."""
        return set(map(frozenset, rows_of(self._now().entity).values()))

    def partition_afresh(self, root: Path, *, with_judgements: bool) -> set[frozenset[Place]]:
        """The same deliveries in a workspace that resolves for the first time."""
        fresh = copy_without_registry(self.workspace, root)
        if with_judgements:
            standing = {said.number for said in self.said}
            for judgement in Registry(self.workspace).judgements():
                assert judgement.number in standing
                Registry(fresh).judge(judgement)
        resolve_anew(fresh)
        with opened(fresh) as views:
            entity = read_state(fresh, views).entity
        return set(map(frozenset, rows_of(entity).values()))


def rows_of(entity: dict[Place, str]) -> dict[str, set[Place]]:
    """Places per entity."""
    found: dict[str, set[Place]] = defaultdict(set)
    for place, entity_id in entity.items():
        found[entity_id].add(place)
    return found


@contextmanager
def opened(workspace: Workspace) -> Iterator[Views]:
    """Views of a workspace as it is now."""
    views = open_views(workspace)
    try:
        yield views
    finally:
        views.close()


def resolve_anew(workspace: Workspace) -> None:
    """Resolve whether or not anything changed."""
    with opened(workspace) as views:
        resolve(workspace, views)


def content(workspace: Workspace) -> dict[str, bytes]:
    """Bytes of the tables of resolution."""
    folder = workspace.derived("resolve")
    return {p.name: p.read_bytes() for p in sorted(folder.glob("*.parquet"))}


def dump(store: GraphStore) -> tuple[list[str], list[str]]:
    """Everything in the graph; ``updated_at`` tells when a node was last written."""
    nodes: Any = store.read(
        f"MATCH (n) WHERE NOT n:{MARK_LABEL} RETURN labels(n)[0] AS label, n AS node"
    )
    edges = store.read("MATCH (a)-[r]->(b) RETURN a.id AS a, type(r) AS type, b.id AS b, r AS edge")
    shown = [
        repr((line["label"], sorted((k, v) for k, v in line["node"].items() if k != "updated_at")))
        for line in nodes
    ]
    return sorted(shown), sorted(repr(tuple(line.values())) for line in edges)


def read_state(workspace: Workspace, views: Views) -> State:
    """Organisations as the tables have them."""
    entity: dict[Place, str] = {}
    reference: dict[Place, str] = {}
    for dataset, keys in KEYS.items():
        columns = ", ".join(f"coalesce(d.\"{key}\", '')" for key in keys)
        for row, part_of, *key in (
            views.cursor()
            .execute(
                f"SELECT m.dataset || ':' || m.batch || ':' || m.row || ':' || m.part, m.entity_id,"
                f" {columns} FROM member m JOIN {dataset} d USING (batch, row, part)"
                " WHERE m.dataset = ? AND m.role = ? AND m.kind = 'organization'",
                [dataset, ROLE[dataset]],
            )
            .fetchall()
        ):
            place = Place(dataset, tuple(key))
            assert place not in entity, "one row, two entities"
            entity[place], reference[place] = part_of, row
    folder = workspace.derived("resolve")
    live = pl.read_parquet(folder / "organization.parquet")["entity_id"].to_list()
    assert len(live) == len(set(live))
    aliases = pl.read_parquet(folder / "entity_alias.parquet")
    assert aliases["alias_id"].is_unique().all()
    return State(entity, reference, dict(aliases.iter_rows()), set(live))


def copy_without_registry(workspace: Workspace, root: Path) -> Workspace:
    """The same lake and ledger, nothing resolved and nothing judged."""
    shutil.copytree(workspace.root, root)
    fresh = Workspace(root)
    fresh.state_file("registry").unlink(missing_ok=True)
    shutil.rmtree(fresh.derived("resolve"), ignore_errors=True)
    return fresh
