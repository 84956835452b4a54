"""The models: what each needs and how it does."""

from pydantic import JsonValue

from api.shapes.body import Shape


class ModelInputShape(Shape):
    """A dataset that a model reads, and how fresh it is."""

    dataset: str
    dataset_zh: str
    is_required: bool
    rows: int
    newest_at: str | None


class ModelParameterShape(Shape):
    """A threshold with its unit and where it comes from."""

    name: str
    value: JsonValue
    unit: str
    source: str
    author: str
    on: str


class ModelShape(Shape):
    """A model: what it looks for, what it needs, what it found."""

    id: str
    version: str
    name_zh: str
    name_en: str
    direction: str
    notice: str
    state: str
    looks_for: str
    innocent: str
    evidence: str
    inputs: list[ModelInputShape]
    parameters: list[ModelParameterShape]
    law: list[str]
    missing: list[str]
    findings: dict[str, int]
    left_out: list[str]


class ModelsShape(Shape):
    """All models."""

    items: list[ModelShape]
