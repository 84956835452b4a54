"""Objects of the graph as they are shown: label and kind of an id, masked properties."""

from datetime import datetime
from typing import Any

from api.errors import NotFound
from graph.ontology import LABELS, Label
from graph.types import Json, Node
from records.clock import SHANGHAI
from records.masking import mask_text, mask_value

LABEL_BY_PREFIX = {label.prefix: label for label in LABELS.values()}
KIND_BY_LABEL = {name: label.prefix for name, label in LABELS.items()} | {
    "Organization": "organization",
    "PoliceCase": "case",
}
L4_PROPERTIES = frozenset({"number", "tail4"})
UNSHOWN_PROPERTIES = frozenset({"label", "id", "name", "updated_at"})


def label_of(entity_id: str) -> Label:
    """The label that an id belongs to by its prefix.

    Raises
    ------
    NotFound
        When no label has that prefix.
    """
    prefix, mark, rest = entity_id.partition(":")
    if not mark or not rest or prefix not in LABEL_BY_PREFIX:
        raise unknown(entity_id)
    return LABEL_BY_PREFIX[prefix]


def unknown(entity_id: str) -> NotFound:
    """The one answer for what does not exist and for what the caller may not see."""
    return NotFound(f"没有编号为 {entity_id} 的对象；可先用名称、代码或车牌检索")


def caption(label: str, properties: dict[str, Json], entity_id: str) -> str:
    """What stands on a node: its caption property, masked where it is L4."""
    name = LABELS[label].caption
    value = properties.get(name) or properties.get("name")
    if label in ("Manifest", "Penalty", "Incident", "Complaint", "Lead", "Order", "CaseFile"):
        return entity_id.partition(":")[2].partition(":")[0]
    if value is None:
        return entity_id
    return mask_value(str(value)) if name in L4_PROPERTIES else str(value)


def shown_properties(properties: dict[str, Json]) -> dict[str, Json]:
    """Properties without the technical ones, L4 values masked.

    They are shown whole by a request of its own only (:func:`api.reading.entity.read_entity`).
    """
    return {
        name: mask_value(value) if name in L4_PROPERTIES and isinstance(value, str) else value
        for name, value in properties.items()
        if name not in UNSHOWN_PROPERTIES and value is not None
    }


def node_of(raw: Json, role: str = "") -> Node:
    """A node as a store answers it, ready to be shown."""
    properties: dict[str, Any] = dict(raw) if isinstance(raw, dict) else {}
    entity_id, label = str(properties["id"]), str(properties["label"])
    return Node(
        entity_id,
        label,
        caption(label, properties, entity_id),
        role,
        shown_properties(properties),
    )


def masked(value: Json) -> Json:
    """A value of any shape with what looks like an ID number, phone or account masked."""
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, list):
        return [masked(item) for item in value]
    if isinstance(value, dict):
        return {
            key: mask_value(item)
            if key in L4_PROPERTIES and isinstance(item, str)
            else masked(item)
            for key, item in value.items()
        }
    return value


def shanghai(moment: str) -> str:
    """An RFC 3339 time as the same instant with +08:00, to the second."""
    return datetime.fromisoformat(moment).astimezone(SHANGHAI).isoformat(timespec="seconds")
