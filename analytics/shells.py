"""How much like a shell is a firm between: the node terms of HW-10, each with value and rows.

Every term says True, False, or None where it could not be tested. All are read set-based for all
firms at once.
"""

from datetime import date, datetime

import duckdb
import polars as pl

from analytics.chain_flows import Flows
from analytics.offenders import offender_ties
from analytics.shell_rows import Row, by_organization, row_evidence
from analytics.shell_terms import ShellFacts, ShellRules, Term
from graph.types import Evidence

SHELL_COLUMNS: dict[str, pl.DataType] = {
    "organization": pl.String(),
    "since_at": pl.Datetime("us"),
    "until_at": pl.Datetime("us"),
}
ROWS_PER_TERM = 6


COMPANY = """
SELECT g.organization, coalesce(c.founded_on, o.founded_on) AS founded_on,
    coalesce(c.scope, o.scope) AS scope,
    regexp_matches(coalesce(c.scope, o.scope), $words) AS has_scope,
    o.insured_count, c.batch, c.row, c.part, c.uscc AS key
FROM shell_given g LEFT JOIN organization o ON o.entity_id = g.organization
LEFT JOIN (SELECT * FROM company_linked QUALIFY row_number() OVER (
    PARTITION BY company_entity ORDER BY batch, row, part) = 1) c
    ON c.company_entity = g.organization
ORDER BY g.organization
"""
# A firm without a row of its own counts as having nobody insured, or drawing no power, only where
# the agency's data cover most of the registered firms.
COVERAGE = """
SELECT count(DISTINCT o.entity_id) FILTER (WHERE {entity} IS NOT NULL)
    / nullif(count(DISTINCT o.entity_id), 0)
FROM (SELECT DISTINCT company_entity AS entity_id FROM company_linked
    WHERE company_entity IS NOT NULL) o
LEFT JOIN {table} d ON d.{entity} = o.entity_id
"""
INSURED = """
SELECT g.organization, i.headcount, i.batch, i.row, i.part, i.month AS key
FROM shell_given g JOIN insured_linked i ON i.employer_entity = g.organization
    AND i.month <= strftime(g.until_at + to_hours(8), '%Y-%m') AND i.headcount IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY g.organization
    ORDER BY i.month DESC, i.headcount DESC, i.batch, i.row, i.part) = 1
ORDER BY g.organization
"""
VOLUME = """
SELECT g.organization, sum(f.tonnes) AS tonnes FROM shell_given g JOIN flow_given f
    ON f.target = g.organization AND f.moved_at <= g.until_at
    AND f.moved_at > g.until_at - to_days(365)
GROUP BY g.organization ORDER BY g.organization
"""
TURNOVER = """
SELECT g.organization, sum(i.amount_yuan) AS yuan,
    unnest(first(struct_pack(batch, row, part, key := coalesce(nullif(i.invoice_no, ''),
        i.einvoice_no)) ORDER BY i.amount_yuan DESC, i.batch, i.row, i.part))
FROM shell_given g JOIN invoice_linked i
    ON i.buyer_entity = g.organization OR i.seller_entity = g.organization
WHERE i.amount_yuan > 0 AND coalesce(i.status, '正常') = '正常'
    AND i.issued_at <= g.until_at AND i.issued_at > g.until_at - to_days(365)
GROUP BY g.organization, i.buyer_entity = g.organization
QUALIFY row_number() OVER (PARTITION BY g.organization
    ORDER BY sum(i.amount_yuan) DESC, i.buyer_entity = g.organization) = 1
ORDER BY g.organization
"""
BYPRODUCT = """
WITH bought AS (
    SELECT g.organization, coalesce('HW' || right(f.code, 2), f.goods) AS category, f.source,
        min(f.edge) AS edge
    FROM shell_given g JOIN flow_given f ON f.target = g.organization AND f.opens AND f.is_bought
        AND f.moved_at <= g.until_at AND f.moved_at > g.until_at - to_days(365)
    GROUP BY ALL HAVING category IS NOT NULL
)
SELECT organization, count(*) AS generators, list(edge ORDER BY edge) AS edges
FROM bought GROUP BY organization, category
QUALIFY row_number() OVER (PARTITION BY organization ORDER BY generators DESC, category) = 1
ORDER BY organization
"""
POWER = """
WITH used AS (
    SELECT customer_entity AS organization, coalesce(left(o.industry_code, 3), left(p.industry, 3))
            AS industry, avg(kwh) AS kwh, min(struct_pack(batch, row, part, key := account_no))
            AS source
    FROM (SELECT customer_entity, month, industry, sum(energy_kwh) OVER (PARTITION BY
            customer_entity, month) AS kwh, batch, row, part, account_no
        FROM grid_power_month_linked WHERE customer_entity IS NOT NULL AND energy_kwh >= 0) p
    LEFT JOIN organization o ON o.entity_id = p.customer_entity
    GROUP BY customer_entity, 2
), one AS (
    SELECT organization, min(industry) AS industry, max(kwh) AS kwh, min(source) AS source
    FROM used GROUP BY organization
), peer AS (
    SELECT industry, median(kwh) AS kwh, count(*) AS n FROM one WHERE industry IS NOT NULL
    GROUP BY industry
), everyone AS (SELECT median(kwh) AS kwh, count(*) AS n FROM one)
SELECT g.organization, u.source.batch AS batch, u.source.row AS row, u.source.part AS part,
    u.source.key AS key,
    CASE WHEN coalesce(p.n, 0) >= $peers THEN p.n ELSE e.n END AS n,
    coalesce(u.kwh, 0) / nullif(CASE WHEN coalesce(p.n, 0) >= $peers THEN p.kwh ELSE e.kwh END, 0)
        AS ratio, u.organization IS NOT NULL AS is_metered
FROM shell_given g CROSS JOIN everyone e LEFT JOIN one u ON u.organization = g.organization
LEFT JOIN peer p ON p.industry = u.industry ORDER BY g.organization
"""
CARRIERS = """
SELECT g.organization FROM shell_given g JOIN carrier_licence_linked l
    ON l.carrier_entity = g.organization
WHERE coalesce(l.status, '有效') IN ('营业', '有效')
    AND coalesce(l.valid_to >= CAST(g.since_at + to_hours(8) AS DATE), true)
GROUP BY ALL
"""
LICENSED = """
SELECT g.organization FROM shell_given g JOIN hw_licence_linked l
    ON l.holder_entity = g.organization
WHERE coalesce(l.status, '有效') = '有效'
    AND coalesce(l.valid_to >= CAST(g.since_at + to_hours(8) AS DATE), true)
    AND coalesce(l.valid_from <= CAST(g.since_at + to_hours(8) AS DATE), true)
GROUP BY ALL
"""


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))


def _covers(sql: duckdb.DuckDBPyConnection, table: str, entity: str, share: float) -> bool:
    found = sql.execute(COVERAGE.format(table=table, entity=entity)).fetchall()[0][0]
    return found is not None and float(found) >= share


def shell_facts(
    sql: duckdb.DuckDBPyConnection,
    firms: pl.DataFrame,
    flows: Flows,
    until: datetime,
    rules: ShellRules,
) -> dict[str, ShellFacts]:
    """Facts of each firm by id, all terms but the pass-through, which belongs to a chain.

    Parameters
    ----------
    firms
        Columns SHELL_COLUMNS: first and last time at which the firm handed something on.
    flows
        All flows, for volumes and suppliers.
    until
        Offences decided from then on (UTC without zone) do not count.
    """
    given = firms.select(pl.col(name).cast(kind) for name, kind in SHELL_COLUMNS.items())
    facts = {str(name): ShellFacts(str(name)) for name in given["organization"]}
    sql.register("shell_given", given.to_arrow())
    sql.register(
        "flow_given",
        flows.edges.select(
            "edge",
            "source",
            "target",
            "moved_at",
            "tonnes",
            "code",
            "goods",
            "opens",
            is_bought=pl.col("kinds").list.contains("invoice"),
        ).to_arrow(),
    )
    for (name,) in sql.execute(CARRIERS).fetchall():
        facts[str(name)].is_carrier = True
    for (name,) in sql.execute(LICENSED).fetchall():
        facts[str(name)].is_licensed = True
    _read_company(sql, facts, rules)
    _read_offenders(sql, facts, until, rules)
    _read_suppliers(sql, facts, flows.rows, rules)
    _read_power(sql, facts, rules)
    sql.unregister("shell_given")
    sql.unregister("flow_given")
    return facts


def _read_company(
    sql: duckdb.DuckDBPyConnection, facts: dict[str, ShellFacts], rules: ShellRules
) -> None:
    company = by_organization(sql.sql(COMPANY, params={"words": rules.scope_words}).pl())
    insured = by_organization(sql.sql(INSURED).pl())
    volume = by_organization(sql.sql(VOLUME).pl())
    turnover = by_organization(sql.sql(TURNOVER).pl())
    is_covered = _covers(sql, "insured_linked", "employer_entity", rules.coverage)
    for name, fact in facts.items():
        row = company[name][0]
        registered = row_evidence(row, "company", "shell")
        founded_on = row["founded_on"]
        fact.founded_on = founded_on if isinstance(founded_on, date) else None
        # How old it was is known once there is a day to ask for (``ShellFacts.terms_on``).
        fact.terms.append(Term("age_days", None, None, rules.age_days, _as(registered, "age")))
        for line in volume.get(name, []):
            fact.volume_t = _number(line["tonnes"]) or 0.0
        for line in turnover.get(name, []):
            fact.volume_yuan = _number(line["yuan"]) or 0.0
        fact.terms.append(
            _staff(fact, insured.get(name, []), turnover.get(name, []), row, is_covered, rules)
        )
        fact.scope = str(row["scope"] or "")
        lacks = not row["has_scope"] if fact.scope else None
        fact.terms.append(
            Term(
                "scope_without_waste", lacks, None if lacks is None else float(lacks), 1.0,
                _as(registered, "scope"),
            )
        )  # fmt: skip


def _as(rows: tuple[Evidence, ...], term: str) -> tuple[Evidence, ...]:
    return tuple(Evidence(r.dataset, r.batch, r.row, r.part, r.key, f"shell {term}") for r in rows)


def _staff(
    fact: ShellFacts,
    insured: list[Row],
    turnover: list[Row],
    company: Row,
    is_covered: bool,
    rules: ShellRules,
) -> Term:
    """Hardly any staff for what goes through the books."""
    rows: tuple[Evidence, ...] = ()
    if insured:
        fact.insured = int(str(insured[0]["headcount"]))
        rows = row_evidence(insured[0], "insured", "shell insured")
    elif company["insured_count"] is not None:
        fact.insured = int(str(company["insured_count"]))
    elif is_covered:
        fact.insured = 0
    if fact.insured is None:
        return Term("insured_count", None, None, rules.insured_count)
    is_busy = fact.volume_t >= rules.busy_t or fact.volume_yuan >= rules.busy_yuan
    if turnover:
        rows += row_evidence(turnover[0], "invoice", "shell turnover")
    return Term(
        "insured_count",
        fact.insured <= rules.insured_count and is_busy,
        float(fact.insured),
        rules.insured_count,
        rows,
    )


def _read_offenders(
    sql: duckdb.DuckDBPyConnection,
    facts: dict[str, ShellFacts],
    until: datetime,
    rules: ShellRules,
) -> None:
    known = offender_ties(sql, until, degree_cap=rules.degree_cap, days=rules.offence_days)
    for name, fact in facts.items():
        own = known.ties.get(name, [])
        fact.offenders = tuple(sorted({(tie.offender, tie.kind, tie.degree) for tie in own}))
        fact.ignored_identifiers = known.ignored.get(name, ())
        holds = bool(own) if known.has_records else None
        value = float(len(fact.offenders)) if known.has_records else None
        rows = tuple(dict.fromkeys(row for tie in own[:ROWS_PER_TERM] for row in tie.rows))
        fact.terms.append(Term("offender_links", holds, value, 1.0, rows))


def _read_suppliers(
    sql: duckdb.DuckDBPyConnection,
    facts: dict[str, ShellFacts],
    rows: pl.DataFrame,
    rules: ShellRules,
) -> None:
    bought = by_organization(sql.sql(BYPRODUCT).pl())
    shown = {name: _first_edges(own[0]["edges"]) for name, own in bought.items()}
    wanted = sorted({edge for edges in shown.values() for edge in edges})
    papers: dict[int, tuple[Evidence, ...]] = {}
    for row in rows.filter(pl.col("edge").is_in(wanted)).iter_rows(named=True):
        one = row_evidence(row, str(row["dataset"]), "shell byproduct_generators")
        papers.setdefault(int(row["edge"]), one)
    for name, fact in facts.items():
        count = int(str(bought[name][0]["generators"])) if name in bought else 0
        needed = rules.byproduct_generators
        # Taking from many and handing on is what a licence for hazardous waste is for.
        holds = count >= needed and not fact.is_licensed
        own = tuple(row for edge in shown.get(name, ()) for row in papers.get(edge, ()))
        fact.terms.append(Term("byproduct_generators", holds, float(count), needed, own))


def _first_edges(edges: object) -> list[int]:
    return [int(edge) for edge in edges][:ROWS_PER_TERM] if isinstance(edges, list) else []


def _read_power(
    sql: duckdb.DuckDBPyConnection, facts: dict[str, ShellFacts], rules: ShellRules
) -> None:
    power = by_organization(sql.sql(POWER, params={"peers": rules.power_peers}).pl())
    is_covered = _covers(sql, "grid_power_month_linked", "customer_entity", rules.coverage)
    for name, fact in facts.items():
        row = power.get(name, [{}])[0]
        ratio = _number(row.get("ratio"))
        n = int(str(row.get("n") or 0))
        is_testable = ratio is not None and n >= rules.power_peers
        is_testable = is_testable and (bool(row.get("is_metered")) or is_covered)
        fact.terms.append(
            Term(
                "power_ratio",
                bool(ratio is not None and ratio < rules.power_ratio) if is_testable else None,
                ratio if is_testable else None,
                rules.power_ratio,
                row_evidence(row, "grid_power_month", "shell power") if is_testable else (),
                n if is_testable else None,
            )
        )


def firms_frame(times: dict[str, tuple[datetime, datetime]]) -> pl.DataFrame:
    """The ``firms`` table of :func:`shell_facts` from first and last time by id."""
    return pl.DataFrame(
        [
            {"organization": name, "since_at": first, "until_at": last}
            for name, (first, last) in sorted(times.items())
        ],
        schema=SHELL_COLUMNS,
    )
