"""The path definition of HW-10 in Cypher: one statement per number of edges, checked step by step.

Sums that a step rests on are added up before the next edge is looked for, so that what does not
hold is not carried on. A server works in its own process, so its seconds are of the clock.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np

from analytics.kernels.flow_edges import FlowEdges, FlowRules
from analytics.kernels.flow_search import SLACK
from analytics.kernels.flow_sums import grams_of
from api.bench.shells_counts import Nodes, node_counts
from graph.client import GraphStore, connect
from graph.settings import GraphSettings
from records.workspace import Workspace

BATCH, TIMEOUT_S = 5_000, 120.0


@dataclass(frozen=True, slots=True)
class FlowWords:
    """How flows are told in a graph; ``{0}`` stands for a relationship or node.

    ``opens``, ``follows`` and ``passes`` are conditions on first edge, later edge and inner node;
    ``follows`` may also name the edge before as ``{1}``.
    """

    node: str
    relationship: str
    key: str
    moment: str
    tonnes: str
    is_flow: str
    opens: str
    follows: str
    passes: str

    def known(self, edge: str) -> str:
        """Tonnes of an edge, NULL when they say nothing."""
        tonnes = self.tonnes.format(edge)
        return f"(CASE WHEN {tonnes} > 0 THEN {tonnes} END)"

    def within(self, edge: str, first: str, last: str) -> str:
        """Condition that an edge lies between two moments."""
        moment = self.moment.format(edge)
        return f"{first} <= {moment} AND {moment} <= {last}"


BENCH = FlowWords(
    node="BenchParty",
    relationship="BENCH_LOT",
    key="number",
    moment="{0}.day",
    tonnes="{0}.grams",
    is_flow="true",
    opens="{0}.opens",
    follows="{0}.follows AND (NOT {0}.strict OR ({0}.goods >= 0 AND {0}.goods = {1}.goods))",
    passes="{0}.passes",
)


def parameters(rules: FlowRules) -> dict[str, Any]:
    """Values of :func:`statement`, with the tolerance of the kernel."""
    return {
        "window": rules.window,
        "low": rules.low * (1 - SLACK),
        "high": rules.high * (1 + SLACK),
        "thin": rules.concentration * (1 - SLACK),
    }


def statement(hops: int, words: FlowWords) -> str:
    """Nodes of every path of ``hops`` edges, in order, and how many single paths they have."""
    key, kept = words.key, ["n0", "e0", "n1"]
    parts = [
        f"MATCH (n0:{words.node})-[e0:{words.relationship}]->(n1:{words.node})",
        f"WHERE n0.{key} <> n1.{key} AND {words.is_flow.format('e0')}",
        f"AND {words.opens.format('e0', 'n0')} AND {words.passes.format('n1')}",
        "WITH n0, e0, n1",
    ]
    for number in range(1, hops):
        parts.append(_step(number, kept, words))
        kept += [f"e{number}", f"n{number + 1}"]
        parts.append(f"WITH {', '.join(kept)}")
    told = ", ".join(f"n{i}.{key} AS n{i}" for i in range(hops + 1))
    parts[-1] = f"RETURN {told}, count(*) AS paths"
    return " ".join(parts)


def _step(number: int, kept: list[str], words: FlowWords) -> str:
    """One more edge out of node ``number``, held against the edge before."""
    e, f, u, v, w = f"e{number - 1}", f"e{number}", f"n{number - 1}", f"n{number}", f"n{number + 1}"
    at_e, at_f = words.moment.format(e), words.moment.format(f)
    after = words.within("s", at_e, f"{at_e} + $window")
    before = words.within("s", f"{at_f} - $window", at_f)
    known = [*kept, f, w]
    parts = [
        f"MATCH ({v})-[{f}:{words.relationship}]->({w}:{words.node})",
        f"WHERE {words.is_flow.format(f)} AND {words.passes.format(v)}",
        f"AND {words.follows.format(f, e)}",
        *(f"AND {w}.{words.key} <> n{i}.{words.key}" for i in range(number + 1)),
        f"AND {words.within(f, at_e, words.moment.format('e0') + ' + $window')}",
        f"WITH {', '.join(known)}",
    ]
    for name, source, target, within in (
        ("sent", v, w, after),
        ("given", v, "x", f"{v}.{words.key} <> x.{words.key} AND {after}"),
        ("taken", "x", v, f"{v}.{words.key} <> x.{words.key} AND {before}"),
        ("own", u, v, before),
    ):
        parts.append(_sum(name, f"({source})-[s:{words.relationship}]->({target})", within, known,
                          words))  # fmt: skip
        known = [*known, name]
    parts += [
        f"WHERE NOT coalesce(sent < $low * {words.known(e)}, false)",
        f"AND NOT coalesce({words.known(f)} > $high * taken, false)",
        "AND NOT (coalesce(own < $thin * taken, false) AND coalesce(sent < $thin * given, false))",
    ]
    return " ".join(parts)


def _sum(name: str, pattern: str, within: str, kept: list[str], words: FlowWords) -> str:
    """A clause that adds the tonnes of the flows ``s``, NULL when one of them is unknown."""
    tonnes, told = words.tonnes.format("s"), ", ".join(kept)
    return (
        f"MATCH {pattern} WHERE {words.is_flow.format('s')} AND {within}"
        f" WITH {told}, sum({tonnes}) AS total, sum(CASE WHEN {tonnes} > 0 THEN 0 ELSE 1 END) AS"
        f" unknown WITH {told}, CASE WHEN unknown = 0 THEN total END AS {name}"
    )


def nodes_by_cypher(
    store: GraphStore, rules: FlowRules, words: FlowWords, given: dict[str, Any]
) -> dict[Nodes, int]:
    """Single paths by the nodes that they go through; ``given`` are further parameters."""
    found: dict[Nodes, int] = {}
    for hops in range(2, rules.hop_limit + 1):
        rows = store.read(
            statement(hops, words), {**parameters(rules), **given}, timeout_s=TIMEOUT_S
        )
        for row in rows:
            found[tuple(row[f"n{i}"] for i in range(hops + 1))] = int(str(row["paths"]))
    return found


def paths_by_cypher(
    edges: FlowEdges, rules: FlowRules, settings: GraphSettings, workspace: Path
) -> dict[str, Any]:
    """Counts of the slice in an empty store, loaded and planned before the clock runs.

    Raises
    ------
    RuntimeError
        When the store is not empty.
    """
    place = Workspace(workspace)
    place.create()
    with connect(settings, place) as store:
        if store.read("MATCH (n) RETURN n LIMIT 1"):
            raise RuntimeError("图数据库不是空的：基准只在空库上运行，请另起一个")
        try:
            _load(store, edges)
            # Nothing follows within less than no time: statements are planned, nothing is found.
            nodes_by_cypher(store, replace(rules, window=-1), BENCH, {})
            started = monotonic()
            found = nodes_by_cypher(store, rules, BENCH, {})
            seconds = monotonic() - started
        finally:
            store.write("MATCH (n:BenchParty) DETACH DELETE n")
        kind = store.kind
    return {"store": kind, "seconds": round(seconds, 4), **node_counts(found)}


def _load(store: GraphStore, edges: FlowEdges) -> None:
    store.write("CREATE INDEX bench_party IF NOT EXISTS FOR (n:BenchParty) ON (n.number)")
    numbers = np.unique(np.concatenate((edges.source, edges.target))).tolist()
    parties = [[n, bool(edges.passes[n])] for n in numbers]
    for begin in range(0, len(parties), BATCH):
        store.write(
            "UNWIND $rows AS row CREATE (:BenchParty {number: row[0], passes: row[1]})",
            {"rows": parties[begin : begin + BATCH]},
        )
    columns = (edges.source, edges.target, edges.day, grams_of(edges.tonnes), edges.goods,
               edges.opens, edges.follows, edges.strict)  # fmt: skip
    lots = [list(row) for row in zip(*(column.tolist() for column in columns), strict=True)]
    for begin in range(0, len(lots), BATCH):
        store.write(
            "UNWIND $rows AS row MATCH (a:BenchParty {number: row[0]})"
            " MATCH (b:BenchParty {number: row[1]}) CREATE (a)-[:BENCH_LOT {day: row[2],"
            " grams: row[3], goods: row[4], opens: row[5], follows: row[6], strict: row[7]}]->(b)",
            {"rows": lots[begin : begin + BATCH]},
        )
