"""What a search finds, and one entity with who says what about it."""

from pydantic import JsonValue

from api.shapes.body import Shape
from api.shapes.finding import FindingHeadShape
from api.shapes.lead import LeadShape
from api.shapes.resolution import EntityResolutionShape


class FoundShape(Shape):
    """An entity that a search found."""

    entity_id: str
    label: str
    kind: str
    name: str
    matched: str
    score: float
    level: str
    code: str
    division_code: str


class SearchShape(Shape):
    """Entities, best first."""

    items: list[FoundShape]
    has_more: bool


class StatementShape(Shape):
    """A name or identifier as some rows of one dataset give it."""

    kind: str
    value: str
    dataset: str
    dataset_zh: str
    agency_zh: str
    role: str
    level: str
    rows: int
    reference: str
    is_masked: bool


class SourceShape(Shape):
    """How many rows of a dataset name the entity, in which role."""

    dataset: str
    dataset_zh: str
    agency_zh: str
    role: str
    rows: int
    batches: int


class EntityShape(Shape):
    """An entity with its sources; ``withheld`` names parts that the caller may not read."""

    entity_id: str
    asked_id: str
    label: str
    kind: str
    name: str
    level: str
    properties: dict[str, JsonValue]
    names: list[StatementShape]
    identifiers: list[StatementShape]
    sources: list[SourceShape]
    findings: list[FindingHeadShape]
    leads: list[LeadShape]
    aliases: list[str]
    withheld: list[str]
    resolution: EntityResolutionShape | None
