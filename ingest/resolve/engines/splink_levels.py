"""The comparison levels of organisations as SQL for Splink, the same in DuckDB and in Spark.

Each condition says anew, in another language, what :mod:`ingest.resolve.compare` computes; a test
holds the two against each other. Missing values are NULL here, and a condition that is NULL does
not hold. The first of a comparison's conditions that holds is its level, ``ELSE`` takes the rest.
"""

from ingest.errors import ResolveError
from ingest.resolve.compare import (
    ADDRESS_WIDTH,
    LEVEL_NAMES,
    PERSON_WIDTH,
    TRUNK_WIDTH,
)
from ingest.resolve.identifiers import LENGTH

ELSE = "ELSE"


def _cut(column: str, width: int) -> tuple[str, str]:
    """Both sides of ``column`` as far as the kernels look."""
    return f"substr({column}_l, 1, {width})", f"substr({column}_r, 1, {width})"


def _missing(column: str) -> str:
    return f"{column}_l IS NULL OR {column}_r IS NULL"


def _equal(column: str) -> str:
    return f"{column}_l = {column}_r"


def _code() -> dict[str, str]:
    x, y = _cut("raw_code", LENGTH)
    is_near = f"edit_distance({x}, {y}) <= 1"
    is_unsure = f"({_missing('code')}) AND raw_code_l <> raw_code_r AND NOT {is_near}"
    return {
        "none": f"{_missing('raw_code')} OR ({is_unsure})",
        "equal": _equal("raw_code"),
        "edit_1": is_near,
        "differ": ELSE,
    }


def _name() -> dict[str, str]:
    x, y = _cut("trunk", TRUNK_WIDTH)
    shorter = f"least(length({x}), length({y}))"
    distance, common = f"edit_distance({x}, {y})", f"common_length({x}, {y})"
    return {
        "trunk_suffix": f"{_equal('trunk')} AND {_equal('suffix')}",
        "trunk": _equal("trunk"),
        "contained": f"{shorter} >= 2 AND (instr({x}, {y}) > 0 OR instr({y}, {x}) > 0)",
        # The difference in length is a bound that spares most pairs the distance.
        "edit_1": (
            f"{shorter} >= 3 AND abs(length({x}) - length({y})) <= 2 AND {distance} <= 2"
            f" AND ({distance} = 1 OR ({shorter} >= 4 AND {common} >= {shorter} - 1))"
        ),
        "core": f"NOT ({_missing('trunk')}) AND {_equal('core')}",
        "weak": f"20 * {common} >= 6 * (length({x}) + length({y}))",
        "none": ELSE,
    }


def _region() -> dict[str, str]:
    def part(start: int, length: int) -> str:
        return f"substr(region_l, {start}, {length}) = substr(region_r, {start}, {length})"

    def is_whole(start: int, zeros: str) -> str:
        return (
            f"substr(region_l, {start}, {len(zeros)}) = '{zeros}'"
            f" OR substr(region_r, {start}, {len(zeros)}) = '{zeros}'"
        )

    in_one_city = f"{part(1, 4)} AND ({is_whole(5, '00')} OR {_equal('region')})"
    return {
        "none": f"({_missing('region')}) AND ({_missing('city')})",
        "compatible": (
            f"(({_missing('region')}) AND {_equal('city')}) OR ({part(1, 2)}"
            f" AND ({_equal('city')} OR {is_whole(3, '0000')} OR ({in_one_city})))"
        ),
        "conflict": ELSE,
    }


def _branch() -> dict[str, str]:
    return {
        "none": "branch_l IS NULL AND branch_r IS NULL",
        "same": _equal("branch"),
        "differ": "branch_l <> branch_r",
        "one_only": ELSE,
    }


def _phone() -> dict[str, str]:
    return {"none": _missing("phone"), "equal": _equal("phone"), "differ": ELSE}


def _person() -> dict[str, str]:
    x, y = _cut("person", PERSON_WIDTH)
    return {
        "none": _missing("person"),
        "equal": _equal("person"),
        "edit_1": (
            f"length({x}) = length({y}) AND length({x}) >= 2 AND edit_distance({x}, {y}) = 1"
        ),
        "differ": ELSE,
    }


def _address() -> dict[str, str]:
    x, y = _cut("address", ADDRESS_WIDTH)
    shorter, both = f"least(length({x}), length({y}))", f"(length({x}) + length({y}))"
    common = f"common_length({x}, {y})"
    return {
        "none": _missing("address"),
        "equal": _equal("address"),
        "close": (f"200 * {common} >= 88 * {both} OR ({shorter} >= 6 AND {common} >= {shorter})"),
        "similar": f"200 * {common} >= 70 * {both}",
        "weak": ELSE,
    }


LEVEL_SQL: dict[str, dict[str, str]] = {
    "code": _code(),
    "name": _name(),
    "region": _region(),
    "branch": _branch(),
    "phone": _phone(),
    "person": _person(),
    "address": _address(),
}
_UNSAID = [name for name in LEVEL_NAMES if set(LEVEL_NAMES[name]) != set(LEVEL_SQL.get(name, ()))]
if _UNSAID:
    raise ResolveError(f"levels without SQL for Splink, or the other way round: {_UNSAID}")

# Where either side is missing Splink adds nothing; a missing name counts as a different one.
WITHOUT_NULL = frozenset({"name"})


def splink_order(attribute: str) -> list[str]:
    """Names of the levels as Splink wants them: nothing to compare first, then the best down.

    A pair's value of Splink's comparison vector is then our level, less one where the attribute has
    a null level.
    """
    names = list(reversed(LEVEL_NAMES[attribute]))
    return names if attribute in WITHOUT_NULL else [names[-1], *names[:-1]]
