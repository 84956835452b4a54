"""Exemption list of the waste catalogue (豁免管理清单) as a table: the free step of a code.

An exemption holds for one step only (collect, transport, use, dispose): an exempt use frees the
receiver from its licence, never the carrier, the vehicle or the manifest. Rows whose condition a
manifest contradicts (waste that was "not separately collected") or that need a plan of an
authority (events, historic sites, point-to-point use) are left out: no row can prove them.

Source: ``records/data/hw_exemptions_2021.csv``; DOMAIN 0.2 item 9 and HW-08, RULINGS 31.
"""

import duckdb
import polars as pl

from records.contract import read_table

EXEMPT_STEPS = "exempt_step"
UNPROVABLE_CODES = frozenset({"household", "event", "historic", "any"})
SEPARATE = "not separately collected"
PLAN = "government plan"
# Wastes that are only a part of their code: the word that the waste's name must hold.
WORDS = {
    "船舶含油污水/残油预处理后": "船",
    "废铁质油桶 (not 900-041-49)": "桶",
    "含油金属屑": "屑",
    "医疗废物焚烧飞灰": "飞灰",
    "医疗废物焚烧底渣": "底渣",
    "危废焚烧废金属": "金属",
    "生物制药培养基焚烧渣/灰": "培养基",
}
COLUMNS: dict[str, pl.DataType] = {
    "code": pl.String(),
    "category": pl.String(),
    "step": pl.String(),
    "word": pl.String(),
    "is_corrosive_only": pl.Boolean(),
}


def exempt_steps() -> pl.DataFrame:
    """Provable rows of the list.

    Returns
    -------
    polars.DataFrame
        ``code`` (8 digits with dashes, or NULL) or ``category`` (``HW34``, or NULL), ``step``
        (collect, transport, use, dispose), ``word`` that the waste's name must hold (empty where
        the whole code is free), ``is_corrosive_only``.
    """
    given = [
        (code.strip(), row["waste"], step, row["condition"])
        for row in read_table("hw_exemptions_2021.csv")
        for code in row["codes"].split(";")
        for step in _steps(row["exempt_step"])
    ]
    provable = [
        (code, waste, step)
        for code, waste, step, condition in given
        if code not in UNPROVABLE_CODES and SEPARATE not in condition and PLAN not in condition
    ]
    rows = {
        (
            None if code.startswith("HW") else code,
            code if code.startswith("HW") else None,
            step,
            WORDS.get(waste, ""),
            "仅具腐蚀性" in waste,
        )
        for code, waste, step in provable
    }
    ordered = sorted(rows, key=lambda row: tuple(str(cell) for cell in row))
    return pl.DataFrame(ordered, schema=COLUMNS, orient="row")


def _steps(step: str) -> tuple[str, ...]:
    return ("collect", "transport", "use", "dispose") if step == "all" else tuple(step.split("/"))


def load_exempt_steps(sql: duckdb.DuckDBPyConnection) -> str:
    """Fill the temporary table of exempt steps and give its name."""
    sql.register("given_exempt_step", exempt_steps().to_arrow())
    sql.execute(f"CREATE OR REPLACE TEMP TABLE {EXEMPT_STEPS} AS SELECT * FROM given_exempt_step")
    sql.unregister("given_exempt_step")
    return EXEMPT_STEPS
