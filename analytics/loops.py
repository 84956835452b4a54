"""Loops of transfers as typed rounds: from the transfer table through the kernel and back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl

from analytics.kernels.temporal_cycles import (
    CycleLimits,
    CycleRules,
    Cycles,
    TimedEdges,
    find_cycles,
)
from analytics.transfers import Transfers

DAY_S = 86_400
SHANGHAI_S = 8 * 3_600


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of a round: the transfers taken together, in order of time.

    ``edges`` are positions in the transfer table; ``tonnes`` None when any part is unknown.
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
    """One loop: from ``hops[0].source`` back to it. ``nodes`` sorted; ``tonnes`` the smallest."""

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


@dataclass(frozen=True, slots=True)
class FoundRounds:
    """Rounds with at least one manifest, by node set and start; the kernel's own account."""

    rounds: tuple[Round, ...]
    cycles: Cycles


def _numbered(values: pl.Series) -> tuple[pl.Series, list[str]]:
    """Sorted distinct texts and the position of each value among them, -1 for NULL."""
    known = values.drop_nulls().unique().sort()
    if known.is_empty():
        return pl.Series([-1] * len(values), dtype=pl.Int64), []
    place = pl.Series(range(len(known)), dtype=pl.Int64)
    numbers = values.replace_strict(known, place, default=-1, return_dtype=pl.Int64)
    return numbers.fill_null(-1), known.to_list()


def find_rounds(transfers: Transfers, rules: CycleRules, limits: CycleLimits) -> FoundRounds:
    """Loops among transfers; ``rules`` in seconds, days cut at Shanghai midnight."""
    edges = transfers.edges
    ends, names = _numbered(pl.concat([edges["source"], edges["target"]]))
    codes, _ = _numbered(edges["code"])
    numbers = ends.to_numpy().astype(np.int64)
    cycles = find_cycles(
        TimedEdges(
            source=numbers[: edges.height],
            target=numbers[edges.height :],
            time=edges["moved_at"].dt.epoch("s").to_numpy().astype(np.int64),
            tonnes=edges["tonnes"].fill_null(float("nan")).to_numpy().astype(np.float64),
            code=codes.to_numpy().astype(np.int64),
            edge_id=edges["edge"].to_numpy().astype(np.int64),
        ),
        rules,
        limits,
    )
    with_manifest = edges["manifest_no"].is_not_null().to_numpy()
    chosen = [
        r
        for r in range(len(cycles.round_set))
        if with_manifest[cycles.hop_edge[cycles.hop_from[r, 0] : cycles.hop_from[r, -1]]].any()
    ]
    wanted = sorted({e for r in chosen for hop in cycles.hops(r) for e in hop})
    rows = {int(row["edge"]): row for row in edges[wanted].iter_rows(named=True)}
    rounds = []
    for r in chosen:
        hops = tuple(_hop([rows[e] for e in sorted(hop)]) for hop in cycles.hops(r))
        tonnes = float(cycles.round_tonnes[r])
        rounds.append(
            Round(
                tuple(sorted(names[n] for n in cycles.nodes[cycles.round_set[r]] if n >= 0)),
                hops,
                None if np.isnan(tonnes) else tonnes,
                int(cycles.round_changes[r]),
            )
        )
    rounds.sort(key=lambda one: (one.nodes, one.started_at, one.hops[0].edges))
    return FoundRounds(tuple(rounds), cycles)


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
