"""Why records are one entity or are not: waterfalls in bits."""

from api.shapes.body import Shape


class PartShape(Shape):
    """One bar: what both sides say about an attribute, how they agree, its bits."""

    attribute: str
    level: str
    value_a: str
    value_b: str
    bits: float


class StepShape(Shape):
    """Two records compared; ``bits`` is the prior and all parts together."""

    name_a: str
    name_b: str
    parts: list[PartShape]
    prior_bits: float
    bits: float


class JoinedRecordShape(Shape):
    """One distinct combination of values that became part of the entity, and by what."""

    record: int
    name: str
    code: str
    phone: str
    legal_representative: str
    address: str
    row_count: int
    reference: str
    role: str
    dataset_zh: str
    reason: str
    other: int | None
    step: StepShape | None


class EntityResolutionShape(Shape):
    """The records of an entity, those of most rows first."""

    records: list[JoinedRecordShape]
    left_out: int
    threshold_bits: float


class WhyShape(Shape):
    """Whether two organisations are one, the reason, and the comparisons that show it."""

    is_same: bool
    reason: str
    reason_zh: str
    steps: list[StepShape]
    threshold_bits: float
