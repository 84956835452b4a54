"""The gate for investigators' Cypher: what passes, and the tricks that do not."""

import pytest

from queries.errors import Forbidden
from queries.guard import MAX_HOPS, check
from queries.tokens import joined, tokens

ALLOWED = [
    "MATCH (o:Organization) RETURN o.name",
    "match (o:Organization) return distinct o.name limit 3;",
    "MATCH (o:Organization)-[:HAS_PHONE]->(p:Phone) RETURN p, count(*) AS n ORDER BY n DESC",
    "MATCH p = shortestPath((a:Organization {id: 'x'})-[:INVOICED|TRANSFERRED_TO*..4]-"
    "(b:Organization {id: 'y'})) RETURN [n IN nodes(p) | n.name] AS names, length(p)",
    "MATCH (o:Organization) WHERE o.name CONTAINS '常州' AND NOT o.uscc IS NULL"
    " RETURN o.name AS 名称, CASE WHEN o.insured_count > 3 THEN 'a' ELSE 'b' END AS x SKIP 2",
    "MATCH (o:Organization) WHERE COUNT { (o:Organization)-[:HAS_SITE]->(:Site) } > 1 RETURN o",
    "UNWIND range(1, 10) AS i RETURN i * 2 AS y",
    "WITH [1, 2, 3] AS xs RETURN [i IN range(0, 1) | xs[i + 1]] AS z, xs[0..2] AS w",
    "MATCH (a:Organization) WHERE a.name = 'DELETE // x' RETURN {id: a.id, n: size(a.name)}",
    "MATCH (m:Manifest)-[:SHIPPED_BY]->(o:Organization)"
    " WHERE m.handover_at >= datetime('2026-10-01T00:00:00Z') RETURN m{.id, .qty_out_t} AS m",
    "MATCH (o:Order) RETURN o.state",
    "MATCH (o:Organization) WHERE any(r IN o.roles WHERE r = 'carrier') RETURN o.name",
    "MATCH (o:Organization) RETURN o.insured_count * (1 + 2) AS k",
    "MATCH (a:Organization)-->(b:Organization) RETURN a.name, b.name",
    "MATCH (a:Organization) RETURN point.distance(point({longitude: 1, latitude: 2}), null)",
]
# Statement, and what the refusal must name.
REFUSED = [
    ("CREATE (n)", "CREATE"),
    ("MATCH (n:Organization) SET n.x = 1 RETURN n", "SET"),
    ("MATCH (n:Organization) DETACH DELETE n", "DETACH"),
    ("CALL db.labels()", "CALL"),
    ("MATCH (n:Organization) CALL { CREATE (m) } RETURN n", "CALL"),
    ("MATCH (n:Organization) WHERE EXISTS { CALL { MATCH (m) RETURN m } } RETURN n", "CALL"),
    ("LOAD CSV FROM 'file:///etc/passwd' AS l RETURN l", "LOAD"),
    ("SHOW USERS", "SHOW"),
    ("RETURN 1 UNION SHOW USERS", "SHOW"),
    ("TERMINATE TRANSACTIONS 'x'", "TERMINATE"),
    ("PROFILE MATCH (n:Organization) RETURN n", "PROFILE"),
    ("EXPLAIN MATCH (n:Organization) RETURN n", "EXPLAIN"),
    ("CYPHER runtime=slotted MATCH (n:Organization) RETURN n", "CYPHER"),
    ("USE neo4j MATCH (n:Organization) RETURN n", "USE"),
    ("FOREACH (x IN [1] | CREATE (:A))", "FOREACH"),
    ("MATCH (n:Organization) USING INDEX n:Organization(uscc) RETURN n", "USING"),
    ("MATCH (n:Organization) RETURN n; MATCH (m) DELETE m", "分号"),
    # words that no list knows stand where an operator or clause should
    ("MATCH (n:Organization) RETURN n.name FOO BAR", "FOO"),
    ("FOO (n)", "FOO"),
    ("MATCH (n:Organization) FOO { CREATE (m) } RETURN n", "FOO"),
    ("RETURN 1 UNION FOO 2", "FOO"),
    # functions
    ("MATCH (n:Organization) RETURN apoc.text.join([], '')", "text.join"),
    ("MATCH (n:Organization) RETURN {x: randomUUID()}", "randomUUID"),
    ("MATCH (n:Organization) RETURN [x IN [1] | elementId(n)]", "elementId"),
    ("MATCH (a:Organization) RETURN point.withinBBox(1, 2, 3)", "withinbbox"),
    ("MATCH (a:Organization) RETURN a.b.duration.between(1, 2)", "duration.between"),
    # quoting, comments, escapes
    ("MATCH (n:Organization) RETURN `apoc`.`x`(1)", "反引号"),
    ("MATCH (n:Organization) /* x */ DELETE /* y */ n RETURN 1", "DELETE"),
    ("MATCH (n:Organization) RETURN '\\u0027 DELETE n //'", "转义"),
    ("MATCH (n:Organization) // \\u000a DELETE n\nRETURN n", "转义"),
    ("MATCH (n:Organization) // x\rDELETE n\nRETURN n", "DELETE"),
    ("RETURN 'abc", "引号"),
    ("RETURN 1 /* open", "注释"),
    ("RETURN 'a''b'", "字符串"),
    ("RETURN (1", "括号"),
    ("RETURN 1)", "括号"),
    ("RETURN $x", "参数"),
    # too much
    ("MATCH (n:Organization)-[*]-(m:Organization) RETURN m", "上限"),
    ("MATCH (n:Organization)-[:INVOICED*1..9]-(m:Organization) RETURN m", "上限"),
    ("MATCH (n:Organization)-[:INVOICED*2..]-(m:Organization) RETURN m", "上限"),
    ("MATCH (n:Organization)-[:INVOICED]->+(m:Organization) RETURN m", "上限"),
    ("MATCH (n:Organization)-[:INVOICED]-*(m:Organization) RETURN m", "上限"),
    ("MATCH ((n:Organization)-[:INVOICED]->(m:Organization))+ RETURN 1", "上限"),
    ("MATCH ((n:Organization)-[:INVOICED]->(m:Organization)){1,} RETURN 1", "上限"),
    ("MATCH ((n:Organization)-[:INVOICED]->(m:Organization)){2,30} RETURN 1", "上限"),
    ("UNWIND range(1, 1000000000) AS x RETURN x", "range"),
    ("RETURN range(1, 10^9)", "range"),
    ("MATCH (n:Organization) WHERE n.name =~ '(a+)+$' RETURN n", "正则"),
    ("RETURN '" + "x" * 20_000 + "'", "超过"),
    ("MATCH (n:Organization)", "RETURN"),
    ("", "为空"),
    ("  // only a comment", "为空"),
]
# Objects and values of police cases, and L4 values, without an active case.
OUT_OF_REACH = [
    ("MATCH (n) RETURN count(n)", "类别"),
    ("MATCH (n:PoliceCase) RETURN count(n)", "PoliceCase"),
    ("MATCH (n:Organization) WHERE n:PoliceCase RETURN n", "PoliceCase"),
    ("MATCH (n:!Organization) RETURN n", "类别"),
    ("MATCH (n:%) RETURN n", "类别"),
    ("MATCH (o:Organization)--() RETURN count(*)", "类别"),
    ("MATCH (o:Organization) WITH 1 AS one MATCH (o) RETURN o", "类别"),
    ("MATCH (o:Organization) WHERE EXISTS { (o:Organization)--(x) } RETURN o", "类别"),
    ("MATCH ANY (a)-[:INVOICED*1..2]-(b) RETURN a", "ANY"),
    ("MATCH (o:Organization)-[:INVOLVED_IN]->(c:Lead) RETURN c", "INVOLVED_IN"),
    ("MATCH (l:Lead)-[:ABOUT*1..2]-(x:Organization) RETURN l", "ABOUT"),
    ("MATCH p = (a:Organization)-[*1..2]-(b:Organization) RETURN nodes(p)", "关系类型"),
    ("MATCH (p:Phone) RETURN reverse(p.number)", "number"),
    ("MATCH (p:Phone {number: '138'}) RETURN count(p)", "number"),
    ("MATCH (p:Phone) WHERE p.number STARTS WITH '138' RETURN count(p)", "number"),
    ("MATCH (p:Phone) RETURN substring(p, 3)", "substring"),
    ("MATCH (p:Phone) RETURN '' + p", "+"),
]
# Refused to everybody: a name made at run time would read any property.
BUILT_NAMES = [
    "MATCH (p:Phone) RETURN p['number']",
    "MATCH (p:Phone) WITH p, 'num' + 'ber' AS k RETURN p[k]",
    "MATCH (p:Phone) RETURN [k IN keys(p) | p[k]]",
    "MATCH (p:Phone) UNWIND keys(p) AS i RETURN [i IN range(0, 1) | 1], p[i]",
]


@pytest.mark.parametrize("text", ALLOWED)
def test_reading_passes(text: str) -> None:
    assert check(text, 100).rstrip().split()[-2] == "LIMIT"


@pytest.mark.parametrize(("text", "named"), REFUSED)
@pytest.mark.parametrize("has_active_case", [False, True])
def test_anything_else_is_refused(text: str, named: str, has_active_case: bool) -> None:
    with pytest.raises(Forbidden, match=named.replace("+", r"\+")):
        check(text, 100, has_active_case=has_active_case)


@pytest.mark.parametrize(("text", "named"), OUT_OF_REACH)
def test_what_is_out_of_reach_is_refused_without_a_case(text: str, named: str) -> None:
    with pytest.raises(Forbidden, match=named.replace("+", r"\+")):
        check(text, 100)


@pytest.mark.parametrize("text", [t for t, _ in OUT_OF_REACH if "ANY" not in t and "+" not in t])
def test_and_passes_with_one(text: str) -> None:
    assert check(text, 100, has_active_case=True)


@pytest.mark.parametrize("text", BUILT_NAMES)
@pytest.mark.parametrize("has_active_case", [False, True])
def test_names_cannot_be_built(text: str, has_active_case: bool) -> None:
    with pytest.raises(Forbidden, match="下标"):
        check(text, 100, has_active_case=has_active_case)


def test_the_limit_of_each_part_is_lowered_or_added() -> None:
    text = "MATCH (o:Organization) RETURN o.id AS x LIMIT 500 UNION MATCH (o:Site) RETURN o.id AS x"
    assert check(text, 10) == (
        "MATCH (o:Organization) RETURN o.id AS x LIMIT 10"
        " UNION MATCH (o:Site) RETURN o.id AS x LIMIT 10"
    )
    assert check("RETURN 1 AS x LIMIT 3", 10) == "RETURN 1 AS x LIMIT 3"


def test_comments_never_reach_the_store() -> None:
    assert check("RETURN 1 /* a */ AS x // b", 5) == "RETURN 1 AS x LIMIT 5"


def test_strings_stay_as_they_are() -> None:
    text = "RETURN 'a \\' b -- // c' AS x"
    assert joined(list(tokens(text))) == text


@pytest.mark.parametrize("hops", range(1, MAX_HOPS + 1))
def test_paths_up_to_the_limit(hops: int) -> None:
    text = f"MATCH (a:Site)-[:HAS_OUTLET*1..{hops}]-(b:Outlet) RETURN b"
    assert check(text, 5)
    with pytest.raises(Forbidden):
        check(text.replace(f"..{hops}", f"..{MAX_HOPS + hops}"), 5)
