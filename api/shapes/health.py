"""Whether the program lives and its stores answer."""

from typing import Literal

from api.shapes.body import Shape


class HealthShape(Shape):
    """``ok`` and what was looked at."""

    status: Literal["ok", "unavailable"]
    checks: dict[str, str]
