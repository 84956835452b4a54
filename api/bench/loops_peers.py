"""Peers beside our kernel: the same arrays, sizes from small to large until one takes too long."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from analytics.kernels.temporal_cycles import CycleRules
from api.bench.apart import run_apart
from api.bench.loops_bounded import run_bounded
from api.bench.loops_counts import is_equal
from api.bench.loops_cypher import search_cypher
from api.bench.loops_duckdb import count_duckdb, search_duckdb
from api.bench.loops_edges import DAY_S
from api.bench.loops_networkx import count_networkx
from api.bench.loops_ours import count_ours, search_ours
from api.bench.loops_snapml import ABSENT, count_snapml, has_snapml
from graph.settings import GraphSettings

Engine = Callable[[Path], dict[str, Any]]
NETWORKX_HOPS, CYPHER_HOPS, SNAPML_HOPS = 5, 4, 8
COUNT_DAYS, SEARCH_DAYS = 10, 30
CYCLES = "时间不减的简单环，平行边各计一次，无流量与代码条件"
LOOPS = "时间不减、代码相同、流量比 0.7–1.05，不并车"


@dataclass(frozen=True, slots=True)
class Graph:
    """Saved edges: where, and how many were asked for."""

    folder: Path
    size: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """One peer on one definition; ``differs`` says where its definition is another one."""

    title: str
    definition: str
    hop_limit: int
    window_days: int
    peer: Engine
    ours: Engine
    graphs: Sequence[Graph]
    differs: str = ""
    is_comparable: bool = True


@dataclass(frozen=True, slots=True)
class PeerGraphs:
    """What the peers are run on: graphs of each kind, small ones first."""

    tails: Sequence[Graph]
    one_per_pair: Sequence[Graph]
    manifests: Sequence[Graph]
    year: Sequence[Graph]


def compare(comparison: Comparison, bound_s: float) -> dict[str, Any]:
    """Both engines on each graph until the peer needs longer than ``bound_s``."""
    sizes: list[dict[str, Any]] = []
    for graph in comparison.graphs:
        peer = run_bounded(bound_s, comparison.peer, graph.folder)
        line: dict[str, Any] = {"size": graph.size, "peer": peer}
        if "ended" not in peer:
            ours = run_apart(comparison.ours, graph.folder)
            line["ours"] = ours
            line["ratio"] = round(peer["seconds"] / max(ours["seconds"], 1e-4), 1)
            if comparison.is_comparable:
                line["equal"] = is_equal(ours, peer)
        sizes.append(line)
        if "ended" in peer:
            break
    return told(comparison, bound_s, sizes)


def told(comparison: Comparison, bound_s: float, sizes: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What is said of a comparison from what was measured on each graph.

    ``largest`` is the largest graph that the peer ended on; ``ratio`` is of its seconds there.
    ``equal`` is ``None`` where it ended on none, or where its definition is another one.
    """
    ended = [line for line in sizes if "ratio" in line]
    return {
        "title": comparison.title,
        "definition": comparison.definition,
        "differs": comparison.differs,
        "hop_limit": comparison.hop_limit,
        "window_days": comparison.window_days,
        "bound_s": bound_s,
        "sizes": sizes,
        "largest": ended[-1]["size"] if ended else None,
        "ratio": ended[-1]["ratio"] if ended else None,
        "equal": all(line["equal"] for line in ended)
        if ended and comparison.is_comparable
        else None,
    }


def comparisons(
    graphs: PeerGraphs, duckdb_hops: Sequence[int], folder: Path, settings: GraphSettings
) -> dict[str, Comparison]:
    """All comparisons by name; ``folder`` is where stores may put their files.

    The most of ``duckdb_hops`` is run on all sizes, the others on the one in the middle.
    """
    found = {
        "networkx": Comparison(
            "networkx simple_cycles(length_bound)，再按时间筛选", CYCLES, NETWORKX_HOPS, COUNT_DAYS,
            partial(count_networkx, window=COUNT_DAYS * DAY_S, hop_limit=NETWORKX_HOPS),
            _counted(NETWORKX_HOPS), graphs.tails,
        ),
    }  # fmt: skip
    for hops in duckdb_hops:
        found[f"duckdb_count_{hops}"] = Comparison(
            f"DuckDB 自连接计数，至多 {hops} 跳", CYCLES, hops, COUNT_DAYS,
            partial(count_duckdb, window=COUNT_DAYS * DAY_S, hop_limit=hops),
            _counted(hops), graphs.tails if hops == max(duckdb_hops) else _middle(graphs.tails),
        )  # fmt: skip
        found[f"duckdb_rules_{hops}"] = Comparison(
            f"DuckDB 自连接，全部条件，至多 {hops} 跳", LOOPS, hops, SEARCH_DAYS,
            partial(search_duckdb, rules=_rules(hops)), partial(search_ours, rules=_rules(hops)),
            graphs.manifests if hops == max(duckdb_hops) else _middle(graphs.manifests),
        )  # fmt: skip
    stores = {"embedded": GraphSettings()} | ({"neo4j": settings} if settings.uri else {})
    for name, store in stores.items():
        rules = _rules(CYPHER_HOPS)
        found[f"cypher_{name}"] = Comparison(
            f"Cypher 模式匹配（{'Neo4j' if store.uri else '内置图数据库'}）",
            LOOPS, CYPHER_HOPS, SEARCH_DAYS,
            partial(search_cypher, rules=rules, settings=store, workspace=folder / name),
            partial(search_ours, rules=rules), graphs.manifests,
            "服务器为另一进程：seconds 为时钟秒数，peak_mib 不含服务器",
        )  # fmt: skip
    if has_snapml():
        found |= _snapml(graphs)
    return found


def _snapml(graphs: PeerGraphs) -> dict[str, Comparison]:
    peer = partial(count_snapml, window=COUNT_DAYS * DAY_S, hop_limit=SNAPML_HOPS)
    rising = _counted(SNAPML_HOPS, is_rising=True)
    words = "只计时间严格递增的环（本产品同此计）；无长度上限，更长的环另列 edges_of_longer_cycles"
    bundled = "同一时窗内平行边合为一环，故次数不可比；"
    return {
        "snapml": Comparison(
            "Snap ML 时序环特征，单线程", CYCLES, SNAPML_HOPS, COUNT_DAYS, peer, rising,
            graphs.one_per_pair, f"{words}；每对单位只留一条边，因其合并平行边",
        ),
        "snapml_parallel": Comparison(
            "Snap ML，含平行边", CYCLES, SNAPML_HOPS, COUNT_DAYS, peer, rising, graphs.tails,
            f"{bundled}{words}", is_comparable=False,
        ),
        "snapml_year": Comparison(
            "Snap ML，模拟全省一年", CYCLES, SNAPML_HOPS, COUNT_DAYS, peer, rising, graphs.year,
            f"{bundled}{words}", is_comparable=False,
        ),
    }  # fmt: skip


def missing_peers(settings: GraphSettings) -> dict[str, str]:
    """Peers that are not there, and how to get them."""
    missing = {} if has_snapml() else {"snapml": ABSENT}
    if not settings.uri:
        missing["cypher_neo4j"] = (
            "未给出 Neo4j：将 JINGHUAN_GRAPH_URI 设为一个空库，或经 tools/with_neo4j.py 运行"
        )
    return missing


def _middle(graphs: Sequence[Graph]) -> Sequence[Graph]:
    return graphs[len(graphs) // 2 :][:1]


def _counted(hops: int, is_rising: bool = False) -> Engine:
    return partial(count_ours, window=COUNT_DAYS * DAY_S, hop_limit=hops, is_rising=is_rising)


def _rules(hops: int) -> CycleRules:
    return CycleRules(SEARCH_DAYS * DAY_S, hops, most_changes=0)
