"""Paths of goods on the lake's arrays and by Cypher on the graph: the same node sets.

Strategy: of a tiny simulated province what speaks of transfers and invoices is taken in and
resolved once, and loaded into each store. The graph keeps flows by month, so both sides go by
month. The lake's side is read with SQL of its own, not through what the loader writes.

Compared: two to four edges, manifests and goods invoices alike; the first from a registered
works; months in order and the last within the window of the first; nodes all distinct; inner nodes
of few partners only; what a node sends on against the edge before, what it sends on against its
intake, and thin shares on both sides, each with unknown quantities let pass. Not compared, as the
graph does not hold them: days, goods of their own kind (``strict``), a firm's own waste
(``follows``), waybills and vehicle stops.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
import pytest

from analytics.kernels.flow_edges import FlowEdges, FlowRules
from analytics.kernels.flows import find_paths
from analytics.models.hw_10 import Params
from api.bench.shells_cypher import FlowWords, nodes_by_cypher
from graph.client import GraphStore
from ingest.load.run import load
from records.views import Views
from records.workspace import Workspace
from tests.integration.some_datasets import resolved_datasets
from tests.workspace import TINY

pytestmark = pytest.mark.slow
DATASETS = {"company", "enterprise", "hw_licence", "invoice", "manifest"}
MONTHS = 1
LAKE = """
WITH moved AS (
    SELECT m.shipper_entity AS source, m.receiver_entity AS target, i.waste_code AS goods,
        coalesce(m.accepted_at, m.handover_at) + INTERVAL 8 HOUR AS moved_at,
        coalesce(i.qty_in_t, i.qty_out_t) AS tonnes
    FROM manifest_linked m JOIN manifest_item i USING (manifest_no)
    WHERE coalesce(m.status, '') NOT IN ('草稿', '作废') AND i.waste_code IS NOT NULL
    UNION ALL
    SELECT seller_entity, buyer_entity, 'goods', issued_at + INTERVAL 8 HOUR,
        CASE WHEN uom IN ('吨', 't') THEN qty END
    FROM invoice_linked
    WHERE coalesce(status, '正常') NOT IN ('作废', '已作废')
        AND NOT regexp_matches(item_name,
            '处置|处理费|治理|清运|运输|运费|货运|物流|服务|检测|运维|咨询|租赁|技术|劳务')
)
SELECT source, target, year(moved_at) * 12 + month(moved_at) AS "month",
    round(sum(tonnes), 6) AS tonnes
FROM moved WHERE source IS NOT NULL AND target IS NOT NULL AND source <> target
GROUP BY source, target, "month", goods ORDER BY ALL
"""
FLOWS = FlowWords(
    node="Organization",
    relationship="TRANSFERRED_TO|INVOICED",
    key="id",
    moment="(toInteger(substring({0}.month, 0, 4)) * 12 + toInteger(substring({0}.month, 5, 2)))",
    tonnes="coalesce({0}.waste_t, {0}.qty_t)",
    is_flow="({0}.item_group IS NULL OR {0}.item_group = 'goods')",
    opens="{1}.id IN $openers",
    follows="true",
    passes="NOT {0}.id IN $hubs",
)
OPENERS = """
SELECT DISTINCT enterprise_entity FROM enterprise_linked
WHERE enterprise_entity IS NOT NULL ORDER BY 1
"""
HUBS = f"""
MATCH (o:Organization){{arrow}}(p:Organization) WHERE o.id <> p.id AND {FLOWS.is_flow.format("r")}
WITH o, count(DISTINCT p.id) AS partners WHERE partners > $cap RETURN o.id AS id
"""
Nodes = set[tuple[str, ...]]


def rules() -> FlowRules:
    own = Params()
    return FlowRules(MONTHS, own.hop_limit, own.flow_low, own.flow_high, own.concentration)


@dataclass(frozen=True)
class Lake:
    """A resolved lake: flows by month, and the registered works."""

    workspace: Workspace
    views: Views
    flows: pl.DataFrame
    openers: list[str]

    def node_sets(self) -> Nodes:
        """Organisations of every path, in order, by the kernel."""
        names = pl.concat([self.flows["source"], self.flows["target"]]).unique().sort()
        place = {name: number for number, name in enumerate(names)}
        source, target = (
            np.array([place[name] for name in self.flows[side]], dtype=np.int64)
            for side in ("source", "target")
        )
        size = self.flows.height
        edges = FlowEdges(
            source=source,
            target=target,
            day=self.flows["month"].to_numpy().astype(np.int64),
            tonnes=self.flows["tonnes"].fill_null(float("nan")).to_numpy(),
            goods=np.zeros(size, dtype=np.int64),
            opens=np.array([name in set(self.openers) for name in self.flows["source"]]),
            follows=np.ones(size, dtype=np.bool_),
            strict=np.zeros(size, dtype=np.bool_),
            passes=partners(source, target, len(names)) <= Params().degree_cap,
        )
        found = find_paths(edges, rules())
        assert not found.is_cut
        return {
            tuple(names[int(n)] for n in (source[row[0]], *target[row[row >= 0]]))
            for row in found.edges
        }


def partners(source: np.ndarray, target: np.ndarray, nodes: int) -> np.ndarray:
    """Suppliers or customers of each node, whichever are more."""
    pairs = np.unique(np.column_stack((source, target)), axis=0)
    given, taken = (np.bincount(side, minlength=nodes) for side in pairs.T)
    return np.maximum(given, taken)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    root = tmp_path_factory.mktemp("shells")
    with resolved_datasets(root, TINY, DATASETS) as (workspace, views):
        sql = views.cursor()
        openers = [str(row[0]) for row in sql.execute(OPENERS).fetchall()]
        yield Lake(workspace, views, sql.sql(LAKE).pl(), openers)


def node_sets_by_cypher(store: GraphStore, openers: list[str]) -> Nodes:
    cap = {"cap": Params().degree_cap}
    hubs = {
        str(row["id"])
        for arrow in (f"-[r:{FLOWS.relationship}]->", f"<-[r:{FLOWS.relationship}]-")
        for row in store.read(HUBS.replace("{arrow}", arrow), cap, timeout_s=60)
    }
    assert hubs, "the rule of hubs is put to use"
    given = {"openers": openers, "hubs": sorted(hubs)}
    return set(nodes_by_cypher(store, rules(), FLOWS, given))


def test_node_sets_are_those_of_cypher(lake: Lake, store: GraphStore) -> None:
    load(lake.workspace, lake.views, store, is_current=False)
    expected = lake.node_sets()
    by_hops = {hops: sum(len(nodes) == hops + 1 for nodes in expected) for hops in (2, 3, 4)}
    assert min(by_hops.values()) > 2, by_hops
    assert node_sets_by_cypher(store, lake.openers) == expected
