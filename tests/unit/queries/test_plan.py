"""Operators of Neo4j's plans: those that read pass, all others do not."""

import pytest

from graph.client import Plan
from queries.errors import Forbidden
from queries.plan import check_plan

READ = (
    "ProduceResults Projection NodeByLabelScan NodeUniqueIndexSeek Expand(All) VarLengthExpand(All)"
    " Filter CartesianProduct EagerAggregation OrderedAggregation Limit Sort Top Skip Distinct"
    " Union Apply SemiApply Optional NodeHashJoin Unwind ShortestPath AllNodesScan"
    " NodeCountFromCountStore UndirectedRelationshipTypeScan DirectedRelationshipTypeScan"
    " MultiNodeIndexSeek OptionalExpand(All) NodeIndexContainsScan UnionNodeByLabelsScan"
)
OTHER = (
    "LoadCSV ProcedureCall ShowUsers ShowSettings ShowTransactions TerminateTransactions Create"
    " Merge Delete DetachDelete SetProperty SetLabels RemoveLabels Foreach TransactionForeach"
    " CreateIndex RunQueryAt AllShowAnything"
)


@pytest.mark.parametrize("name", READ.split())
def test_reading_operators_pass(name: str) -> None:
    check_plan(Plan("r", (name.partition("(")[0], "Argument")))
    check_plan(Plan("r", (name,)))


@pytest.mark.parametrize("name", OTHER.split())
def test_others_are_refused_by_name(name: str) -> None:
    with pytest.raises(Forbidden, match=name):
        check_plan(Plan("r", ("ProduceResults", name)))


@pytest.mark.parametrize("query_type", ["rw", "w", "s", ""])
def test_only_reads(query_type: str) -> None:
    with pytest.raises(Forbidden, match="只读"):
        check_plan(Plan(query_type, ()))
