"""Loops of transfers as typed rounds: from the transfer table through the kernel and back."""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

import numpy as np

from analytics.kernels.temporal_cycles import (
    CycleLimits,
    CycleRules,
    Cycles,
    TimedEdges,
    find_cycles,
)
from analytics.kernels.temporal_rules import UNKNOWN_WASTE
from analytics.loop_rank import RankParts, loop_facts, rank_parts
from analytics.transfers import PACKAGING_CODE, Transfers, TransferTables

DAY_S = 86_400
SHANGHAI_S = 8 * 3_600


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of a round: the transfers taken together, in order of time.

    ``edges`` are numbers of the transfer table; ``tonnes`` None when any part is unknown.
    ``departed_at`` is the last departure, ``received_at`` the first acceptance.
    """

    source: str
    target: str
    edges: tuple[int, ...]
    tonnes: float | None
    code: str | None
    received_at: datetime
    last_at: datetime
    departed_at: datetime
    kinds: tuple[str, ...]
    items: tuple[str, ...]

    @property
    def is_waste(self) -> bool:
        """Whether a manifest stands behind the step."""
        return "manifest" in self.kinds


@dataclass(frozen=True, slots=True)
class Round:
    """One loop: from ``hops[0].source`` back to it. ``nodes`` sorted; ``tonnes`` the smallest.

    ``changes`` of what is handed on: from waste code to waste code, from waste to goods and back,
    from one class of goods to another.
    """

    nodes: tuple[str, ...]
    hops: tuple[Hop, ...]
    tonnes: float | None
    changes: int

    @property
    def started_at(self) -> datetime:
        """Time of the first transfer."""
        return self.hops[0].received_at

    @property
    def ended_at(self) -> datetime:
        """Time of the last transfer."""
        return self.hops[-1].last_at

    @property
    def days(self) -> float:
        """Length in days."""
        return (self.ended_at - self.started_at).total_seconds() / DAY_S

    @property
    def brings_packaging_back(self) -> bool:
        """Whether what comes home is packaging."""
        return self.hops[-1].code == PACKAGING_CODE


@dataclass(frozen=True, slots=True)
class FoundRounds:
    """Rounds by node set and start, and the kernel's own account.

    ``transfers`` are those of the rounds. ``cycles`` has no other rounds than these. ``ranks`` are
    parts of the score of each of its node sets, ``set_of`` the position of a round's nodes
    there and ``uncounted`` the positions of those whose rounds were not counted to the end.
    """

    rounds: tuple[Round, ...]
    transfers: Transfers
    cycles: Cycles
    ranks: RankParts
    set_of: dict[tuple[str, ...], int]
    uncounted: frozenset[int]

    def rank_of(self, nodes: tuple[str, ...]) -> dict[str, float]:
        """Parts of the score of one node set in bits, by name (``rank_rarity``, ...)."""
        number = self.set_of[nodes]
        return {
            f"rank_{part.name.removesuffix('_bits')}": float(getattr(self.ranks, part.name)[number])
            for part in fields(self.ranks)
        }

    def is_whole(self, nodes: tuple[str, ...]) -> bool:
        """Whether all rounds of a node set were counted."""
        return self.set_of[nodes] not in self.uncounted


def find_rounds(tables: TransferTables, rules: CycleRules, limits: CycleLimits) -> FoundRounds:
    """Loops among transfers; ``rules`` in seconds, days cut at Shanghai midnight.

    Transfers with a manifest are the marked ones of ``rules.needs_mark``; lots of goods are not
    pooled.
    """
    arrays = tables.arrays()
    edges = TimedEdges(
        source=arrays.source,
        target=arrays.target,
        time=arrays.time,
        tonnes=arrays.tonnes,
        # A manifest whose code is missing carries a waste, not just anything.
        code=np.where(arrays.with_manifest & (arrays.code < 0), UNKNOWN_WASTE, arrays.code),
        edge_id=np.arange(len(arrays.time), dtype=np.int64),
        is_marked=arrays.with_manifest,
    )
    rules = replace(rules, goods_from=arrays.goods_from)
    cycles = find_cycles(edges, rules, limits)
    ranks = rank_parts(loop_facts(cycles, edges, DAY_S, SHANGHAI_S))
    members = {r: cycles.hops(r) for r in range(len(cycles.round_set))}
    transfers = tables.read(sorted({e for hops in members.values() for hop in hops for e in hop}))
    rows = {int(row["edge"]): row for row in transfers.edges.iter_rows(named=True)}
    names, rounds, set_of = arrays.parties.to_list(), [], {}
    for r, hops in members.items():
        number = int(cycles.round_set[r])
        nodes = tuple(sorted(names[n] for n in cycles.nodes[number] if n >= 0))
        set_of[nodes] = number
        tonnes = float(cycles.round_tonnes[r])
        rounds.append(
            Round(
                nodes,
                tuple(_hop([rows[e] for e in sorted(hop)]) for hop in hops),
                None if np.isnan(tonnes) else tonnes,
                int(cycles.round_changes[r]),
            )
        )
    rounds.sort(key=lambda one: (one.nodes, one.started_at, one.hops[0].edges))
    uncounted = frozenset(cycles.cut.sets.tolist())
    return FoundRounds(tuple(rounds), transfers, cycles, ranks, set_of, uncounted)


def _hop(rows: list[dict[str, Any]]) -> Hop:
    quantities = [row["tonnes"] for row in rows]
    times = [row["moved_at"] for row in rows if isinstance(row["moved_at"], datetime)]
    left = [row["departed_at"] or row["moved_at"] for row in rows]
    known = [float(str(q)) for q in quantities if q is not None]
    kinds: set[str] = set()
    for row in rows:
        kinds.update(row["kinds"])
    code = rows[0]["code"]
    return Hop(
        source=str(rows[0]["source"]),
        target=str(rows[0]["target"]),
        edges=tuple(int(str(row["edge"])) for row in rows),
        tonnes=sum(known) if len(known) == len(quantities) else None,
        code=None if code is None else str(code),
        received_at=min(times),
        last_at=max(times),
        departed_at=max(t for t in left if isinstance(t, datetime)),
        kinds=tuple(sorted(kinds)),
        items=tuple(sorted({str(row["item_name"]) for row in rows if row["item_name"]})),
    )
