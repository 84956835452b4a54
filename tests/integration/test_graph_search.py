"""Both stores alike: search by name, number and identifier, within kinds and levels."""

from typing import Any

import pytest

from graph.client import GraphStore
from graph.errors import UnknownTerm
from graph.search import search
from graph.writer import GraphWriter
from tests.integration.graph_rows import FIRM

NAMED: list[dict[str, object]] = [
    {"id": "org:1", "name": "江苏扬子化工有限公司", "uscc": "91320500MA1X00001A", "level": "L1"},
    {
        "id": "org:2",
        "name": "常州扬子环保科技有限公司",
        "uscc": "91320400MA1X00002B",
        "level": "L1",
    },
    {
        "id": "org:3",
        "name": "无锡宏达金属制品厂",
        "former_names": ["无锡扬子江五金厂"],
        "uscc": "91320200MA1X00003C",
        "level": "L2",
    },
    {"id": "org:4", "name": "ABC (苏州) 新材料有限公司", "uscc": None, "level": "L1"},
]
SEARCHES: list[tuple[str, dict[str, Any], list[str], str]] = [
    ("扬子化工", {}, ["org:1"], "name"),
    ("江苏扬子化工有限公司", {}, ["org:1"], "name"),
    ("扬子江五金", {}, ["org:3"], "former_names"),
    ("江苏杨子化工有限公司", {}, ["org:1"], "name"),
    ("abc（苏州）", {}, ["org:4"], "name"),
    ("91320400MA1X0", {}, ["org:2"], "uscc"),
    ("91320400ma1x00002b", {}, ["org:2"], "uscc"),
    ("苏A12345", {}, ["vehicle:1"], "plate"),
    ("苏A·12345", {}, ["vehicle:1"], "plate"),
    ("苏A12", {}, ["vehicle:1"], "plate"),
    ("13912345678", {}, ["phone:1"], "number"),
    ("1391234", {}, ["phone:1"], "number"),
    ("1391234", {"level": "L3"}, [], ""),
    ("1391234", {"kinds": ["organization"]}, [], ""),
    ("org:3", {}, ["org:3"], "id"),
    ("org:3", {"level": "L1"}, [], ""),
    ("化工园", {"kinds": ["address"]}, ["address:1"], "text"),
    ("张三", {}, ["person:1"], "name"),
    ("张三", {"kinds": ["vehicle"]}, [], ""),
    ("  ", {}, [], ""),
    ('" OR *:*', {}, [], ""),
    ("没有这家单位", {}, [], ""),
]


def fill_for_search(store: GraphStore) -> None:
    writer = GraphWriter(store)
    writer.merge_nodes(FIRM, NAMED)
    writer.merge_nodes("Vehicle", [{"id": "vehicle:1", "plate": "苏A12345", "level": "L2"}])
    writer.merge_nodes("Phone", [{"id": "phone:1", "number": "13912345678", "level": "L4"}])
    writer.merge_nodes("Person", [{"id": "person:1", "name": "张三", "level": "L3"}])
    writer.merge_nodes("Address", [{"id": "address:1", "text": "泰兴市化工园区1号", "level": "L1"}])
    if store.kind == "neo4j":
        # The full-text index follows a commit a moment later unless asked to wait.
        store.read("CALL db.index.fulltext.awaitEventuallyConsistentIndexRefresh()")


@pytest.mark.parametrize(("text", "options", "first", "matched"), SEARCHES)
def test_search(
    store: GraphStore, text: str, options: dict[str, Any], first: list[str], matched: str
) -> None:
    fill_for_search(store)
    hits = search(store, text, **options)
    assert [hit.id for hit in hits[:1]] == first
    assert [hit.property for hit in hits[:1]] == [matched] * len(first)
    assert all(0 < hit.score <= 1 for hit in hits)


def test_search_ranks_and_limits(store: GraphStore) -> None:
    fill_for_search(store)
    hits = search(store, "扬子", kinds=["Organization"])
    assert {hit.id for hit in hits} == {"org:1", "org:2", "org:3"}
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len(search(store, "扬子", limit=2)) == 2
    with pytest.raises(UnknownTerm, match="planet"):
        search(store, "扬子", kinds=["planet"])
