"""What crosses the wire: values to the store as plain JSON, values from the store as plain JSON.

Times travel as ISO strings in UTC; a statement that stores one wraps it in ``datetime(…)``.
The driver never sees a Python datetime (it mis-encodes zoned ones), and callers never see a type
of the driver.
"""

import json
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from neo4j.graph import Node, Path, Relationship
from neo4j.spatial import Point
from neo4j.time import Date, DateTime, Duration, Time

from graph.errors import BadRow
from graph.types import Json


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC with ``Z``; a value without zone is UTC already, as in the lake."""
    utc = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return utc.isoformat().replace("+00:00", "Z")


def _plain(value: object) -> Json:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if hasattr(value, "tolist"):  # numpy scalars and arrays
        plain: Json = value.tolist()
        return plain
    raise BadRow(
        f"值 {value!r}（{type(value).__name__}）不能写入图数据库；"
        "只接受文本、数字、布尔、日期时间和它们的列表"
    )


def to_wire(value: Any) -> tuple[Any, int]:
    """Plain JSON of ``value`` and its size in bytes (an upper estimate of the message).

    Raises
    ------
    BadRow
        When it holds something that no store holds, also NaN and infinity.
    """
    try:
        text = json.dumps(value, default=_plain, allow_nan=False)
    except ValueError as error:
        raise BadRow(f"有一个数值不是有限数，不能写入图数据库：{error}；请先改为空值") from error
    return json.loads(text), len(text)


def from_wire(value: Any) -> Json:
    """Plain JSON of what the store answered.

    A node becomes its properties plus ``label``, a relationship its properties plus ``type``,
    ``from_id`` and ``to_id``, a path the list of both in order.
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Node):
        labels = sorted(value.labels)
        return {"label": labels[0] if labels else ""} | _properties(value)
    if isinstance(value, Relationship):
        return _relationship(value)
    if isinstance(value, Path):
        steps: list[Any] = [value.nodes[0]] if value.nodes else []
        for relationship, node in zip(value.relationships, value.nodes[1:], strict=True):
            steps += [relationship, node]
        return [from_wire(step) for step in steps]
    # The driver's durations and points are tuples too, hence lists come after them.
    if isinstance(value, DateTime):
        return iso(value.to_native())
    if isinstance(value, Date | Time | Duration):
        return value.iso_format()
    if isinstance(value, Point):
        return [float(part) for part in value]
    if isinstance(value, list | tuple):
        return [from_wire(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): from_wire(item) for key, item in value.items()}
    return str(value)


def _properties(entity: Node | Relationship) -> dict[str, Json]:
    return {name: from_wire(item) for name, item in sorted(entity.items())}


def _relationship(value: Relationship) -> Json:
    ends = [node.get("id") if node is not None else None for node in value.nodes]
    first, last = ends if len(ends) == 2 else (None, None)
    return {"type": value.type, "from_id": first, "to_id": last} | _properties(value)
