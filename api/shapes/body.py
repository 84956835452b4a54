"""What all bodies have in common."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Short = Annotated[str, StringConstraints(max_length=200)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Shape(BaseModel):
    """The body of an answer; it can be read from a dataclass of ours that has its fields."""

    model_config = ConfigDict(from_attributes=True)


class RequestBody(BaseModel):
    """The body of a request; a field that it does not know is refused."""

    model_config = ConfigDict(extra="forbid")
