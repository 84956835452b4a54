"""Our path search on the arrays of a province: cost, planted chains found, a day more."""

from datetime import datetime, timedelta
from itertools import pairwise
from time import process_time
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from analytics.kernels.flow_edges import FlowChanges, FlowEdges, FlowPaths, FlowRules, Ints
from analytics.kernels.flows import find_paths, rest_on
from analytics.models.hw_10 import Params
from analytics.shells import BYPRODUCT, VOLUME
from api.bench.shells_counts import node_counts, nodes_of
from api.bench.shells_edges import flow_edges, flow_rules
from api.bench.shells_province import CODES, DAYS, GOODS, Province, make_province

SEED = 1
WARM = (20_000, 1_000, 5)
BYTES_PER_MIB = 1 << 20
START = datetime(2026, 1, 1)


def search_province(edges: int, organizations: int, chains: int) -> dict[str, Any]:
    """Seconds of the processor for candidates, paths and terms; compiled before the clock runs."""
    params = Params()
    rules = flow_rules(params)
    find_paths(flow_edges(make_province(*WARM, SEED), params.degree_cap), rules)
    province = make_province(edges, organizations, chains, SEED)
    marks = [process_time()]
    flows = flow_edges(province, params.degree_cap)
    marks.append(process_time())
    found = find_paths(flows, rules)
    marks.append(process_time())
    firms = _firms_between(found, flows)
    busy = read_terms(province, flows, firms)
    marks.append(process_time())
    candidates_s, paths_s, terms_s = (round(b - a, 3) for a, b in pairwise(marks))
    nodes = nodes_of(found, flows)
    return {
        "edges": edges,
        "organizations": organizations,
        "manifests": int(np.count_nonzero(province.is_manifest)),
        "invoices": int(np.count_nonzero(~province.is_manifest)),
        "largest_degree": int(np.bincount(province.source).max()),
        "candidates_s": candidates_s,
        "paths_s": paths_s,
        "terms_s": terms_s,
        "seconds": round(marks[-1] - marks[0], 3),
        "arrays_mib": round(_bytes(flows) / BYTES_PER_MIB),
        "firms_between": int(firms.size),
        "busy_firms": busy,
        "planted": len(province.planted),
        "planted_found": sum(chain in nodes for chain in province.planted),
        "cut_first_pairs": len(found.cut),
        **node_counts(nodes),
    }


def search_day(edges: int, organizations: int, chains: int, day: int) -> dict[str, Any]:
    """What one day's edges change: seconds, paths, and whether they are those of the full run.

    Compared is what was not cut in either run; a day has fewer paths, so it is cut later.
    """
    params = Params()
    rules = flow_rules(params)
    flows = flow_edges(make_province(edges, organizations, chains, SEED), params.degree_cap)
    is_new = flows.day == day
    ends = np.concatenate((flows.source[is_new], flows.target[is_new]))
    changes = FlowChanges(ends, np.full(ends.size, day))
    find_paths(flows, rules, changes=changes)
    started = process_time()
    found = find_paths(flows, rules, changes=changes)
    seconds = process_time() - started
    full = find_paths(flows, rules)
    cut = np.concatenate((found.cut, full.cut))
    expected = _listed_whole(full, flows, cut)
    expected = expected[rest_on(expected, flows, rules, changes)]
    return {
        "new_edges": int(np.count_nonzero(is_new)),
        "seconds": round(seconds, 3),
        "paths": len(found.edges),
        "cut_first_pairs": len(np.unique(cut, axis=0)),
        "same_as_full_run": bool(np.array_equal(_listed_whole(found, flows, cut), expected)),
    }


def _listed_whole(found: FlowPaths, flows: FlowEdges, cut: Ints) -> Ints:
    """Paths but for those of the first pairs that a limit cut in either run."""
    first = found.edges[:, 0]
    nodes = flows.passes.size
    pair = flows.source[first].astype(np.int64) * nodes + flows.target[first]
    return found.edges[~np.isin(pair, cut[:, 0] * nodes + cut[:, 1])]


def paths_ours(flows: FlowEdges, rules: FlowRules) -> dict[str, Any]:
    """Counts of a slice, and the processor's seconds; compiled before the clock runs."""
    find_paths(flows, rules)
    started = process_time()
    found = find_paths(flows, rules)
    seconds = process_time() - started
    return {
        "seconds": round(seconds, 4),
        "is_cut": found.is_cut,
        **node_counts(nodes_of(found, flows)),
    }


def _firms_between(found: FlowPaths, flows: FlowEdges) -> Ints:
    between = [flows.source[column[column >= 0]] for column in found.edges.T[1:]]
    return np.unique(np.concatenate(between)).astype(np.int64)


def read_terms(province: Province, flows: FlowEdges, firms: Ints) -> int:
    """The terms that rest on flows alone, by the statements of the model.

    Returns
    -------
    int
        Firms between that took in 100 t in a year, or bought from two generators.
    """
    until = START + timedelta(days=DAYS)
    moved = np.datetime64(START, "us") + flows.day.astype("timedelta64[D]")
    is_code = province.goods < CODES
    names = pa.array([str(number) for number in range(CODES + GOODS)])
    with duckdb.connect() as sql:
        # The document goes to the same stream.
        sql.execute("SET enable_progress_bar = false")
        sql.register(
            "shell_given",
            pa.table({"organization": firms, "until_at": pa.array([until] * firms.size)}),
        )
        sql.register(
            "flow_given",
            pa.table(
                {
                    "edge": np.arange(flows.day.size),
                    "source": flows.source,
                    "target": flows.target,
                    "moved_at": moved,
                    "tonnes": pa.array(flows.tonnes, from_pandas=True),
                    "code": pa.nulls(flows.day.size, pa.string()),
                    "goods": pa.DictionaryArray.from_arrays(flows.goods, names),
                    "opens": flows.opens,
                    "is_bought": ~is_code,
                }
            ),
        )
        params = Params()
        busy = {f for f, tonnes in sql.execute(VOLUME).fetchall() if tonnes >= params.busy_t}
        many = {f for f, n, _ in sql.execute(BYPRODUCT).fetchall()
                if n >= params.byproduct_generators}  # fmt: skip
    return len(busy | many)


def _bytes(flows: FlowEdges) -> int:
    columns = (flows.source, flows.target, flows.day, flows.tonnes, flows.goods, flows.opens,
               flows.follows, flows.strict, flows.passes)  # fmt: skip
    return sum(column.nbytes for column in columns)
