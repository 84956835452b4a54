"""Rows to be matched, and which entities they may mean."""

from typing import Annotated, Literal

from pydantic import Field

from api.shapes.body import RequestBody, Shape, Short
from api.shapes.resolution import StepShape


class MatchRowRequest(RequestBody):
    """One row; a name or a code is needed, everything else helps."""

    name: Short = ""
    code: Short = ""
    phone: Short = ""
    legal_representative: Short = ""
    address: Short = ""
    division_code: Annotated[str, Field(max_length=12)] = ""


class MatchRequest(RequestBody):
    """Up to 1,000 rows."""

    rows: Annotated[list[MatchRowRequest], Field(min_length=1, max_length=1000)]


class CandidateShape(Shape):
    """An entity that a row may mean, with the waterfall of the record that fits best."""

    entity_id: str
    name: str
    code: str
    bits: float
    reason: str
    step: StepShape


class MatchedRowShape(Shape):
    """What became of one row, by its place in the request from 1."""

    row: int
    decision: Literal["match", "review", "new"]
    candidates: list[CandidateShape]


class MatchShape(Shape):
    """All rows in their order, and the bounds that were used."""

    items: list[MatchedRowShape]
    threshold_bits: float
    margin_bits: float
    version: str
