"""Values of resolved records as a caller may see them, and the waterfall between two of them."""

from collections.abc import Sequence
from dataclasses import replace

import duckdb

from api.identity.caller import Caller
from ingest.resolve.compare import ATTRIBUTES
from ingest.resolve.stored import LEVEL_COLUMNS, Said
from ingest.resolve.waterfall import VALUE_COLUMNS, Step
from records.masking import mask_text, mask_value


def reads_values(caller: Caller, level: str) -> bool:
    """L4 values are shown masked to whoever reads L3; what is above the caller is not there."""
    return level <= ("L4" if caller.level >= "L3" else caller.level)


def shown_value(caller: Caller, said: Said) -> str:
    """The value as it may be read: empty above the caller, masked where it is L4."""
    level = said.level or "L4"
    if not said.value or not reads_values(caller, level):
        return ""
    if level == "L4":
        return mask_value(said.value)
    return mask_text(said.value) if level == "L3" else said.value


NAME = ATTRIBUTES.index("name")


def shown_step(
    caller: Caller, step: Step, a: Sequence[Said], b: Sequence[Said], title: int = NAME
) -> Step:
    """The waterfall with the values of both sides as they may be read; its bits stay whole.

    Parameters
    ----------
    a, b
        What both sides say, per attribute in the order of the step's parts.
    title
        Place of the attribute by which a record is called.
    """
    return replace(
        step,
        name_a=shown_value(caller, a[title]),
        name_b=shown_value(caller, b[title]),
        parts=tuple(
            replace(part, value_a=shown_value(caller, x), value_b=shown_value(caller, y))
            for part, x, y in zip(step.parts, a, b, strict=True)
        ),
    )


def levels_of_values(
    sql: duckdb.DuckDBPyConnection, values: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], str]:
    """Lowest level at which each (attribute, value) was delivered; L4 where it is not stored."""
    found: dict[tuple[str, str], str] = {}
    for attribute in ATTRIBUTES:
        wanted = sorted({value for name, value in values if name == attribute and value})
        if not wanted:
            continue
        column, level = VALUE_COLUMNS[attribute], LEVEL_COLUMNS[attribute]
        lines = sql.execute(
            f"SELECT {column}, min({level}) FROM resolve_record"  # noqa: S608 - our own columns
            " WHERE kind = 'organization'"
            f" AND {column} IN (SELECT unnest($wanted::VARCHAR[])) GROUP BY 1",
            {"wanted": wanted},
        ).fetchall()
        found |= {(attribute, str(value)): str(level or "L4") for value, level in lines}
    return {pair: found.get(pair, "L4") for pair in values}
