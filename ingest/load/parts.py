"""What one part of the graph is: a label or a relationship type, and the SQL that gives its rows.

Every SQL is deterministic and set-based; ``reference(dataset)`` is the row reference of a row of
a view aliased ``r``.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NodePart:
    """Nodes of one label; ``sql`` gives ``id`` and properties, one row per node."""

    name: str
    label: str
    sql: str


@dataclass(frozen=True, slots=True)
class EdgePart:
    """Relationships of one type between two labels.

    ``sql`` gives ``from_id``, ``to_id`` and properties; ``keys`` are the properties that, with
    both ends, tell two relationships apart (flows: month and a further key).
    """

    name: str
    type: str
    from_label: str
    to_label: str
    sql: str
    keys: tuple[str, ...] = ()
    is_flow: bool = False


def reference(dataset: str) -> str:
    """SQL for the row reference ``dataset:batch:row:part`` of alias ``r``."""
    return f"'{dataset}:' || r.batch || ':' || r.row || ':' || r.part"


def provenance(dataset: str, at: str) -> str:
    """SQL of the four provenance columns for a GROUP BY over alias ``r``; ``at`` is a timestamp."""
    ref = reference(dataset)
    return (
        f"list({ref} ORDER BY {ref})[1:20] AS sources, count(*)::BIGINT AS source_count,"
        f" min({at}) AS first_at, max({at}) AS last_at"
    )


def month(at: str) -> str:
    """SQL of the Shanghai month ``YYYY-MM`` of a UTC timestamp."""
    return f"strftime({at} + INTERVAL 8 HOUR, '%Y-%m')"
