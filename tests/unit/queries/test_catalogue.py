"""Headers of the catalogue, and parameters as people give them."""

import pytest

from graph.types import Json
from queries.catalogue import find_query, load_catalogue, parse
from queries.errors import CatalogueError, ParameterError, UnknownQuery

HEADER = (
    "// title_zh: 题目\n// title_en: title\n// group: 组\n// purpose: 用途\n// timeout_s: 5\n"
    "// parameter: id string 编号\n// parameter: n int 数 = 3\n// column: x string 列\n"
)


def test_every_query_is_described_and_limited() -> None:
    catalogue = load_catalogue()
    assert len(catalogue) >= 8
    for query in catalogue.values():
        assert query.title_zh != query.title_en
        assert "$row_limit" in query.cypher
        assert query.level in ("L1", "L2", "L3")
        assert all(p.label for p in query.parameters)
        assert all(c.label for c in query.columns)


def test_values_are_converted_and_completed() -> None:
    query = parse("q", HEADER + "RETURN $id AS x, $n AS n LIMIT $row_limit")
    assert query.bind({"id": 7}) == {"id": "7", "n": 3}
    dates = find_query("manifests_between")
    bound = dates.bind({"id": "org:1", "from": "2026-10-01", "to": "2026-10-31"})
    assert bound["from"] == "2026-10-01"
    assert find_query("shared_identifiers").bind({"ids": "a，b c"}) == {"ids": ["a", "b", "c"]}


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({}, "id"),
        ({"id": ""}, "id"),
        ({"id": "x", "what": 1}, "what"),
        ({"id": "x", "n": "many"}, "many"),
    ],
)
def test_wrong_parameters_are_named(given: dict[str, Json], named: str) -> None:
    query = parse("q", HEADER + "RETURN $id AS x, $n AS n LIMIT $row_limit")
    with pytest.raises(ParameterError, match=named):
        query.bind(given)


@pytest.mark.parametrize(
    "text",
    [
        HEADER + "RETURN $id AS x",
        HEADER + "RETURN $id AS x, $n AS n, $more AS m",
        HEADER.replace("// group: 组\n", "") + "RETURN $id AS x, $n AS n",
        HEADER.replace("// column: x string 列\n", "") + "RETURN $id AS x, $n AS n",
        HEADER.replace("n int", "n number") + "RETURN $id AS x, $n AS n",
        HEADER,
    ],
)
def test_a_header_that_does_not_fit_is_a_defect(text: str) -> None:
    with pytest.raises(CatalogueError, match="query q"):
        parse("q", text)


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(UnknownQuery, match="firm_profile"):
        find_query("no_such_query")
