"""The shipped test vectors of the closed-form models."""

import json
from importlib.resources import files
from typing import Any


def vectors_of(model: str) -> list[dict[str, Any]]:
    """Vectors of one model: why, input, expected_level."""
    text = files("records").joinpath("data", "model_vectors.json").read_text(encoding="utf-8-sig")
    return [vector for vector in json.loads(text) if vector["model"] == model]
