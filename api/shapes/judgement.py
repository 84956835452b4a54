"""Judgements, and the pairs that wait for one."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from api.shapes.body import Id, RequestBody, Shape
from api.shapes.resolution import StepShape


class EntitySide(RequestBody):
    """A side by its entity; the entity's smallest row stands for it."""

    entity_id: Id


class RowSide(RequestBody):
    """A side by one row; the role is needed where the row names several."""

    row: Annotated[
        str,
        StringConstraints(min_length=1, max_length=300),
        Field(description="dataset:batch:row:part"),
    ]
    role: Annotated[str, StringConstraints(max_length=60)] = ""


class JudgementRequest(RequestBody):
    """What the caller says about two sides, and why."""

    a: EntitySide | RowSide
    b: EntitySide | RowSide
    verdict: Literal["same", "different", "unsure"]
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500)]


class UndoRequest(RequestBody):
    """The number of a judgement to take back."""

    undo: Annotated[int, Field(ge=1, le=2**53)]


class JudgedSideShape(Shape):
    """One row that a judgement binds, and its entity now."""

    reference: str
    role: str
    dataset_zh: str
    entity_id: str
    name: str


class JudgementShape(Shape):
    """A judgement; ``withdrawn_by`` is empty while it stands."""

    number: int
    verdict: Literal["same", "different", "unsure"]
    a: JudgedSideShape
    b: JudgedSideShape
    reason: str
    judged_by: str
    judged_at: str
    withdrawn_by: str
    withdrawn_at: str
    takes_effect: str


class JudgementsShape(Shape):
    """Judgements newest first."""

    items: list[JudgementShape]
    next: int | None


class ReviewSideShape(Shape):
    """One side of a pair: its entity now, what its record says, the row a judgement names."""

    entity_id: str
    entity_name: str
    name: str
    code: str
    phone: str
    legal_representative: str
    address: str
    row_count: int
    reference: str
    role: str
    dataset_zh: str


class ReviewItemShape(Shape):
    """A pair to judge; ``usefulness`` is ``chance`` times ``rows``."""

    id: str
    question: str
    is_joined: bool
    usefulness: float
    chance: float
    rows: int
    a: ReviewSideShape
    b: ReviewSideShape
    step: StepShape


class ReviewShape(Shape):
    """Pairs, the most useful first."""

    items: list[ReviewItemShape]
    next: str | None
    total: int
    threshold_bits: float
