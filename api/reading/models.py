"""The models: what each looks for and needs, how fresh that is, and what it found."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import duckdb

from analytics.as_of import event_columns
from analytics.model import Model
from analytics.registry import MODELS
from analytics.run import read_left_out
from api.identity.caller import Caller
from api.services import Services
from graph.types import Json
from records.clock import shanghai_iso
from records.contract import load_contract, read_table
from records.law import load_references
from records.views import quoted
from viz.words import searched_text


@dataclass(frozen=True, slots=True)
class ModelInput:
    """A dataset that a model reads: rows now, newest event (RFC 3339), needed at all or helpful."""

    dataset: str
    dataset_zh: str
    is_required: bool
    rows: int
    newest_at: str | None


@dataclass(frozen=True, slots=True)
class ModelParameter:
    """A threshold with its unit and where it comes from."""

    name: str
    value: Json
    unit: str
    source: str
    author: str
    on: str


@dataclass(frozen=True, slots=True)
class ModelView:
    """A model as the console and the API show it.

    ``findings`` counts by grade as text (``"1"``); it is empty when the caller reads no findings.
    ``looks_for``, ``innocent`` and ``evidence`` are the texts of the model catalogue; ``left_out``
    says what its last run did not look at.
    """

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
    inputs: tuple[ModelInput, ...]
    parameters: tuple[ModelParameter, ...]
    law: tuple[str, ...]
    findings: dict[str, int]
    left_out: tuple[str, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """Required datasets of which there is no row: the model reports nothing without them."""
        return tuple(i.dataset for i in self.inputs if i.is_required and not i.rows)


@cache
def catalogue_texts() -> dict[str, dict[str, str]]:
    """Rows of the model catalogue by model id."""
    return {row["model_id"]: row for row in read_table("model_catalogue.csv")}


def list_models(services: Services, caller: Caller) -> tuple[ModelView, ...]:
    """All models in the order of the catalogue.

    Raises
    ------
    Forbidden
        For roles that read no business data.
    """
    caller.require("L2", "模型")
    is_counted = caller.role.lead_scope == "all" and caller.reads("L3")
    with services.sql() as sql:
        inputs = _inputs(sql)
        counts = _counts(sql) if is_counted else {}
    told = read_left_out(services.workspace)
    return tuple(
        _view(services, model, inputs, counts.get(model.id, {}), told.get(model.id, ()))
        for model in MODELS
    )


def _view(
    services: Services,
    model: Model[Any],
    inputs: dict[str, tuple[int, str | None]],
    counts: dict[str, int],
    left_out: tuple[str, ...],
) -> ModelView:
    contract, references = load_contract(), load_references()
    text = catalogue_texts().get(model.id, {})
    given = services.settings.models.get(model.id)
    own = dict(given.parameters) if given else {}
    notes = model.parameter_notes()
    return ModelView(
        id=model.id,
        version=model.version,
        name_zh=model.name_zh,
        name_en=model.name_en,
        direction=model.direction,
        notice=model.notice,
        state=(given.state if given else None) or services.settings.default_model_state,
        looks_for=text.get("computation", ""),
        innocent=text.get("innocent_explanations", ""),
        evidence=text.get("evidence_rows", ""),
        inputs=tuple(
            ModelInput(
                name,
                contract.dataset(name).name_zh,
                name in model.required,
                *inputs[name],
            )
            for name in model.datasets
        ),
        parameters=tuple(
            ModelParameter(
                name,
                _plain(own.get(name, value)),
                notes.get(name, {}).get("unit", ""),
                notes.get(name, {}).get("source", ""),
                notes.get(name, {}).get("author", ""),
                notes.get(name, {}).get("on", ""),
            )
            for name, value in model.parameters().items()
        ),
        law=tuple(
            references[ref.partition("(")[0]].citation
            for ref in model.legal_refs
            if ref.partition("(")[0] in references
        ),
        findings=counts,
        left_out=tuple(searched_text(line) for line in left_out),
    )


def _plain(value: object) -> Json:
    """A parameter as JSON: some are one value per grade."""
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value if isinstance(value, bool | int | float | str) or value is None else str(value)


def _inputs(sql: duckdb.DuckDBPyConnection) -> dict[str, tuple[int, str | None]]:
    """Rows and newest event of every dataset that some model reads."""
    found: dict[str, tuple[int, str | None]] = {}
    for name in sorted({dataset for model in MODELS for dataset in model.datasets}):
        columns = event_columns(load_contract().dataset(name))
        newest = (
            f"greatest({', '.join(f'max({quoted(c)})' for c in columns)})" if columns else "NULL"
        )
        rows = sql.execute(f"SELECT count(*), {newest} FROM {quoted(name)}").fetchall()  # noqa: S608 - names from the contract
        count, moment = rows[0]
        found[name] = int(count), None if moment is None else shanghai_iso(moment)
    return found


def _counts(sql: duckdb.DuckDBPyConnection) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for model, grade, number in sql.execute(
        "SELECT model, grade, count(*) FROM finding GROUP BY model, grade ORDER BY model, grade"
    ).fetchall():
        counts.setdefault(str(model), {})[str(grade)] = int(number)
    return counts
