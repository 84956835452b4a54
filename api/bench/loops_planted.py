"""Planted loops: a lot that goes round two to eight firms and comes home, on paper or in part.

Drawn from what such schemes look like in files, without a look at any search or threshold. Most
have three or four firms, since each one more wants its share; one in ten is only there and back
between two. Which firms they are and what covers them: :mod:`loops_planted_firms`. What the papers
say: :mod:`loops_planted_papers`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.bench.loops_edges import Edges
from api.bench.loops_firms import Firms
from api.bench.loops_planted_firms import LONGEST, LoopFirms, choose_firms
from api.bench.loops_planted_papers import (
    NO_CODE,
    SPLIT_SHARE,
    Turns,
    draw_codes,
    draw_tonnes,
    draw_turns,
    leave_out_codes,
    on_trucks,
    without_some_codes,
)
from api.bench.loops_relations import Standing

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Generator = np.random.Generator

SHORTEST = 2
HOP_SHARES = (0.10, 0.27, 0.22, 0.16, 0.11, 0.08, 0.06)


@dataclass(frozen=True, slots=True)
class Planted:
    """Planted loops and their edges; ``nodes[i, :hops[i]]`` are the firms of loop i in order.

    ``turn`` and ``hop`` tell of each edge which time round it is of, and which hop there; both
    count from 0. ``span``: seconds from the first to the last hand-over of a round. ``rounds``: how
    often the loop goes round. ``busy``: firms drawn in proportion to their papers. ``standing``:
    hops along relations that are there anyway. ``changes``: of code. ``is_uncoded``: whether a
    manifest of the loop has no code.
    """

    edges: Edges
    turn: Ints
    hop: Ints
    nodes: Ints
    hops: Ints
    span: Ints
    rounds: Ints
    busy: Ints
    standing: Ints
    changes: Ints
    is_split: Flags
    is_uncoded: Flags

    def kinds(self) -> dict[str, Flags]:
        """Which loops are of which kind, by name; a loop may be of several, or of none."""
        return {
            "firms_drawn_evenly": (self.busy == 0) & (self.standing == 0),
            "some_firms_busy": (self.busy > 0) & (self.busy < self.hops),
            "all_firms_busy": self.busy == self.hops,
            "along_standing_relations": self.standing > 0,
            "two_firms": self.hops == SHORTEST,
            "code_changed_once": self.changes == 1,
            "code_changed_twice": self.changes == 2,
            "code_missing": self.is_uncoded,
            "split_over_trucks": self.is_split,
            "repeated": self.rounds > 1,
        }


def plant_loops(
    firms: Firms, standing: Standing, waste_codes: int, count: int, days: int, random: Generator
) -> Planted:
    """Draw ``count`` loops within ``days``; codes from ``waste_codes`` on are goods."""
    hops = SHORTEST + random.choice(len(HOP_SHARES), count, p=HOP_SHARES)
    chosen = choose_firms(firms, standing, hops, random)
    turns = draw_turns(hops, days, random)
    code, changes = draw_codes(firms, chosen, hops, waste_codes, random)
    leave_out_codes(code, hops, waste_codes, random)
    is_split = random.random(count) < SPLIT_SHARE
    edges, turn, hop = _papers(chosen, hops, turns, code, is_split, random)
    without_some_codes(edges.code, waste_codes, random)
    return Planted(
        edges,
        turn,
        hop,
        np.where(np.arange(LONGEST) < hops[:, None], chosen.nodes, -1),
        hops,
        turns.span.astype(np.int64),
        np.bincount(turns.owner, minlength=count),
        chosen.busy,
        chosen.is_standing.sum(axis=1),
        changes,
        is_split,
        np.bincount(edges.loop, edges.code == NO_CODE, count) > 0,
    )


def _papers(
    chosen: LoopFirms, hops: Ints, turns: Turns, code: Ints, is_split: Flags, random: Generator
) -> tuple[Edges, Ints, Ints]:
    """Edges of all loops by time, with the turn and the hop that each is of."""
    tonnes = draw_tonnes(chosen.usual[turns.owner], random)
    row, hop = np.nonzero(np.arange(LONGEST) < hops[turns.owner, None])
    loop = turns.owner[row]
    edges = Edges(
        chosen.nodes[loop, hop].astype(np.int32),
        chosen.nodes[loop, (hop + 1) % hops[loop]].astype(np.int32),
        turns.time[row, hop].astype(np.int32),
        tonnes[row, hop].astype(np.float32),
        code[loop, hop].astype(np.int16),
        loop.astype(np.int32),
    )
    split_hop = random.integers(0, hops)
    is_parted = is_split[loop] & (hop == split_hop[loop])
    edges, whole = on_trucks(edges, is_parted, turns.is_day_only[row], random)
    order = np.argsort(edges.time, kind="stable")
    return edges.take(order), turns.number[row][whole[order]], hop[whole[order]].astype(np.int64)
