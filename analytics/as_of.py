"""The day on which the lake stands (RULINGS 5)."""

from datetime import date, datetime

import duckdb

from analytics.errors import NoEvents
from records.clock import shanghai_day
from records.contract import COMMON, Dataset, load_contract

NOT_EVENTS = frozenset({"source_updated_at", COMMON})


def event_columns(dataset: Dataset) -> tuple[str, ...]:
    """Columns that hold the moment of an event; plain dates are terms and due days, no events."""
    return tuple(
        c.name
        for c in dataset.columns
        if c.base_type == "datetime" and c.name not in NOT_EVENTS and dataset.agency != "reference"
    )


def newest_event_day(sql: duckdb.DuckDBPyConnection) -> date:
    """Newest Shanghai day of an event that is not flagged as lying in the future.

    Raises
    ------
    NoEvents
        When the lake holds no event.
    """
    newest: datetime | None = None
    for dataset in load_contract().datasets.values():
        columns = event_columns(dataset)
        if not columns:
            continue
        latest = ", ".join(
            f'max("{name}") FILTER (WHERE NOT list_contains('
            f"list_transform(flags, lambda f: f.\"column\" || ':' || f.code), "
            f"'{name}:future_time'))"
            for name in columns
        )
        found = sql.execute(f'SELECT {latest} FROM "{dataset.name}"').fetchall()[0]
        for instant in found:
            if instant is not None and (newest is None or instant > newest):
                newest = instant
    if newest is None:
        raise NoEvents(
            "数据湖中没有任何带时间的事件，无法确定研判日；请先接入数据，或用 --as-of 指定日期"
        )
    return shanghai_day(newest)
