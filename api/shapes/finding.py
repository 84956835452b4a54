"""What the models found."""

from pydantic import JsonValue

from api.shapes.body import Shape


class FindingHeadShape(Shape):
    """A finding in one line."""

    finding_id: str
    model: str
    grade: int
    status: str
    title: str
    window_from: str
    window_to: str


class FindingsShape(Shape):
    """A page of findings in their published form."""

    items: list[dict[str, JsonValue]]
    next: str | None
    total: int
