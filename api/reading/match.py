"""Which known organisations new rows mean, as far as the caller may read them."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.identity.caller import Caller
from api.reading.record_values import shown_step
from api.services import Services
from ingest.resolve.compare import ATTRIBUTES
from ingest.resolve.match import Candidate, Decision, MatchOptions, match
from ingest.resolve.match_index import MatchIndex, build_index
from ingest.resolve.match_pairs import MatchQuery
from ingest.resolve.run import ResolveOptions
from ingest.resolve.stored import LEVEL_COLUMNS, Said
from ingest.resolve.waterfall import Step
from ingest.resolve.weight_files import workspace_weights
from queries.errors import ParameterError

MOST_ROWS = 1_000
# What a row brings along is the caller's own; a phone number in it is masked all the same.
OWN_LEVELS = {"phone": "L4"}


@dataclass(frozen=True, slots=True)
class CandidateView:
    """An entity that the row may mean; ``bits`` is the weight of its record that fits best."""

    entity_id: str
    name: str
    code: str
    bits: float
    reason: str
    step: Step


@dataclass(frozen=True, slots=True)
class MatchedRow:
    """What became of one row, by its place in the request from 1."""

    row: int
    decision: Decision
    candidates: tuple[CandidateView, ...]


@dataclass(frozen=True, slots=True)
class MatchAnswer:
    """All rows in their order, and the bounds that were used."""

    items: tuple[MatchedRow, ...]
    threshold_bits: float
    margin_bits: float
    version: str


def match_rows(services: Services, caller: Caller, rows: Sequence[MatchQuery]) -> MatchAnswer:
    """Candidate entities of each row, scored in bits; nothing is kept.

    Raises
    ------
    Forbidden
        For roles that read no business data.
    ParameterError
        When there are no rows or too many, or a row says nothing to go by.
    """
    caller.require("L2", "比对")
    if not 1 <= len(rows) <= MOST_ROWS:
        raise ParameterError(f"一次可比对 1 到 {MOST_ROWS} 行，收到 {len(rows)} 行；请分批")
    for place, row in enumerate(rows, 1):
        if not (row.name.strip() or row.code.strip()):
            raise ParameterError(f"第 {place} 行既无名称也无代码；至少填写其中一项")
    services.record(caller, "match", f"{len(rows)} 行")
    index = services.kept(build_index)
    weights = workspace_weights(services.workspace)
    options = MatchOptions(
        ResolveOptions(weights=weights).threshold_bits, level=caller.level, weights=weights
    )
    found = match(index, rows, options)
    said = _levels(index, sorted({c.record for m in found for c in m.candidates}))
    items = tuple(
        MatchedRow(
            place,
            matched.decision,
            tuple(
                _view(caller, candidate, said[candidate.record]) for candidate in matched.candidates
            ),
        )
        for place, matched in enumerate(found, 1)
    )
    return MatchAnswer(items, options.threshold_bits, options.margin_bits, weights.version)


def _levels(index: MatchIndex, records: list[int]) -> dict[int, tuple[str, ...]]:
    """Level of each attribute's value, by record."""
    columns = [LEVEL_COLUMNS[attribute] for attribute in ATTRIBUTES]
    own = index.frame.select(list(dict.fromkeys(columns)))[records]
    return {
        number: tuple(str(line[column] or "L4") for column in columns)
        for number, line in zip(records, own.iter_rows(named=True), strict=True)
    }


def _view(caller: Caller, candidate: Candidate, levels: tuple[str, ...]) -> CandidateView:
    parts = candidate.step.parts
    mine = [Said(p.value_a, OWN_LEVELS.get(p.attribute, "L1")) for p in parts]
    theirs = [Said(p.value_b, level) for p, level in zip(parts, levels, strict=True)]
    return CandidateView(
        candidate.entity_id,
        candidate.name,
        candidate.code,
        candidate.bits,
        candidate.reason,
        shown_step(caller, candidate.step, mine, theirs),
    )
