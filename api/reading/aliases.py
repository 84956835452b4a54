"""Ids that were merged, and the ids that stand for them now."""

import duckdb


def resolve_alias(sql: duckdb.DuckDBPyConnection, entity_id: str) -> tuple[str, tuple[str, ...]]:
    """The id that stands for ``entity_id`` now, and all ids that were merged into it."""
    found = sql.execute(
        "SELECT entity_id FROM entity_alias WHERE alias_id = ?", [entity_id]
    ).fetchall()
    current = str(found[0][0]) if found else entity_id
    aliases = sql.execute(
        "SELECT alias_id FROM entity_alias WHERE entity_id = ? ORDER BY alias_id", [current]
    ).fetchall()
    return current, tuple(str(row[0]) for row in aliases)
