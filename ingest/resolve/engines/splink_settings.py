"""Splink's settings as a document, made of our levels, our keys and, if wanted, our weights.

With weights, Splink gives each pair the very bits that the built-in engine gives: each level's
``m`` and ``u`` are chosen so that their ratio is the level's weight, and term frequencies come from
a lookup that holds our clipped surprise (see :mod:`ingest.resolve.engines.splink_input`). Without
weights Splink has to learn its own.
"""

from dataclasses import dataclass
from typing import Any, Literal

from ingest.resolve.compare import ATTRIBUTES, LEVEL_NAMES, Attribute
from ingest.resolve.engines.splink_levels import (
    LEVEL_SQL,
    VALUE_SQL,
    WITHOUT_NULL,
    splink_order,
)
from ingest.resolve.weigh import SURPRISES, Weights

# Raised whenever a level's SQL, a column of the input or the meaning of a lookup changes.
VERSION = "organization-splink-2"
RECORD = "record"
# Only the ratio to ``m`` counts; so small that ``m`` stays below 1 up to 30 bits.
FROZEN_U = 2.0**-30

# Entries of SURPRISES that Splink takes from the value of an attribute, and the column that has it.
TERMS = {
    "trunk": "trunk",
    "phone": "phone",
    "person": "person",
    "address": "address",
    "brand": "core",
}

Dialect = Literal["duckdb", "spark"]
Settings = dict[str, Any]


@dataclass(frozen=True, slots=True)
class KeyColumn:
    """A blocking key as a column of the input; a list where a record may have several values."""

    key: str
    column: str
    is_list: bool


@dataclass(frozen=True, slots=True)
class SplinkDocument:
    """Settings with their origin; ``weights`` names the weights, or how they were learned."""

    version: str
    weights: str
    dialect: Dialect
    settings: Settings

    def to_json(self) -> dict[str, Any]:
        """The document as plain values; ``settings`` is what Splink reads."""
        return {
            "version": self.version,
            "weights": self.weights,
            "dialect": self.dialect,
            "levels": {name: list(levels) for name, levels in LEVEL_NAMES.items()},
            "settings": self.settings,
        }


def _level(attribute: str, name: str, weights: Weights | None) -> dict[str, Any]:
    column = Attribute[attribute.upper()]
    index = LEVEL_NAMES[attribute].index(name)
    level: dict[str, Any] = {
        "sql_condition": LEVEL_SQL[attribute][name],
        "label_for_charts": name,
    }
    if attribute not in WITHOUT_NULL and index == 0:
        return level | {"is_null_level": True}
    if weights is not None:
        level["u_probability"] = FROZEN_U
        level["m_probability"] = FROZEN_U * 2.0 ** weights.levels[column][index]
    for place, (term, of, shared) in enumerate(SURPRISES):
        if term in TERMS and of == column and index in shared:
            level["tf_adjustment_column"] = TERMS[term]
            level["tf_adjustment_weight"] = 1.0 if weights is None else weights.surprise[place]
            level["disable_tf_exact_match_detection"] = True
    return level


def _comparison(attribute: str, weights: Weights | None) -> dict[str, Any]:
    return {
        "output_column_name": attribute,
        "comparison_description": attribute,
        "comparison_levels": [_level(attribute, name, weights) for name in splink_order(attribute)],
    }


def _value_comparison(name: str, weights: Weights) -> dict[str, Any]:
    """Levels that are worth nothing of their own but carry what is known of a value."""
    column, conditions = VALUE_SQL[name]
    factors = {term: weights.surprise[place] for place, (term, _, _) in enumerate(SURPRISES)}
    levels = []
    for term, condition in conditions.items():
        level: dict[str, Any] = {"sql_condition": condition, "label_for_charts": term}
        if term in factors:
            level |= {
                "tf_adjustment_column": column,
                "tf_adjustment_weight": factors[term],
                "disable_tf_exact_match_detection": True,
            }
        levels.append(level | {"m_probability": FROZEN_U, "u_probability": FROZEN_U})
    return {
        "output_column_name": f"value_{name}",
        "comparison_description": name,
        "comparison_levels": levels,
    }


def _blocking_rule(key: KeyColumn) -> dict[str, Any]:
    rule: dict[str, Any] = {"blocking_rule": f"l.{key.column} = r.{key.column}"}
    return rule | {"arrays_to_explode": [key.column]} if key.is_list else rule


def probability_of(bits: float) -> float:
    """The probability whose odds are ``bits``."""
    return float(1.0 / (1.0 + 2.0**-bits))


def splink_document(
    keys: tuple[KeyColumn, ...], weights: Weights | None, dialect: Dialect
) -> SplinkDocument:
    """Settings that block by ``keys`` and compare by our levels.

    Parameters
    ----------
    keys
        Columns of the input that hold the kept values of a blocking key.
    weights
        What each level is worth; without it nothing is, and Splink has to be trained.
    """
    settings: Settings = {
        "link_type": "dedupe_only",
        "unique_id_column_name": RECORD,
        "linker_uid": "jinghuan",
        "comparisons": [_comparison(attribute, weights) for attribute in ATTRIBUTES],
        "blocking_rules_to_generate_predictions": [_blocking_rule(key) for key in keys],
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": False,
    }
    if weights is not None:
        settings["comparisons"] += [_value_comparison(name, weights) for name in VALUE_SQL]
        settings["probability_two_random_records_match"] = probability_of(weights.prior)
    return SplinkDocument(VERSION, weights.version if weights else "untrained", dialect, settings)
