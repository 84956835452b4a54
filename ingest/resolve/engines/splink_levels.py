"""The comparison levels of organisations as SQL for Splink, the same in DuckDB and in Spark.

Each condition says anew, in another language, what :mod:`ingest.resolve.compare` computes; a test
holds the two against each other. Missing values are NULL here, and a condition that is NULL does
not hold. The first of a comparison's conditions that holds is its level, ``ELSE`` takes the rest.
"""

from ingest.errors import ResolveError
from ingest.resolve.compare import (
    ADDRESS_WIDTH,
    HEAD,
    LEVEL_NAMES,
    NUMERALS,
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


def _without_numerals(text: str) -> str:
    return f"translate({text}, '{NUMERALS}', '')"


def _is_in() -> str:
    """Whether one name is part of the other."""
    x, y = _cut("trunk", TRUNK_WIDTH)
    shorter = f"least(length({x}), length({y}))"
    return f"({shorter} >= 2 AND (instr({x}, {y}) > 0 OR instr({y}, {x}) > 0))"


def _differ_in_number() -> str:
    """Whether the names are equal when numerals are left out."""
    x, y = (_without_numerals(side) for side in _cut("trunk", TRUNK_WIDTH))
    return f"({x} = {y} AND trunk_l <> trunk_r)"


def _is_near() -> str:
    """Whether the names are a slip or two apart."""
    x, y = _cut("trunk", TRUNK_WIDTH)
    shorter = f"least(length({x}), length({y}))"
    distance, common = f"edit_distance({x}, {y})", f"common_length({x}, {y})"
    # The difference in length is a bound that spares most pairs the distance.
    return (
        f"{shorter} >= 3 AND abs(length({x}) - length({y})) <= 2 AND {distance} <= 2"
        f" AND ({distance} = 1 OR ({shorter} >= 4 AND {common} >= {shorter} - 1))"
    )


def _name() -> dict[str, str]:
    x, y = _cut("trunk", TRUNK_WIDTH)
    common, is_near = f"common_length({x}, {y})", _is_near()
    has_head = f"substr(trunk_l, 1, {HEAD}) = substr(trunk_r, 1, {HEAD})"
    return {
        "trunk_suffix": f"{_equal('trunk')} AND {_equal('suffix')}",
        "trunk": _equal("trunk"),
        "number": _differ_in_number(),
        "shortened": f"{_equal('core')} AND {_is_in()}",
        "contained": _is_in(),
        "edit_tail": f"{has_head} AND NOT coalesce({_equal('core')}, FALSE) AND {is_near}",
        "edit_1": is_near,
        "core": f"NOT ({_missing('trunk')}) AND {_equal('core')}",
        "weak": f"20 * {common} >= 6 * (length({x}) + length({y}))",
        "none": ELSE,
    }


def _agrees() -> str:
    """Whether the names may be those of one firm: equal, or one is part of the other."""
    return f"({_equal('trunk')} OR ({_is_in()} AND NOT {_differ_in_number()}))"


def _agrees_nearly() -> str:
    """The same, or a slip apart."""
    return f"({_equal('trunk')} OR (({_is_in()} OR ({_is_near()})) AND NOT {_differ_in_number()}))"


def _region() -> dict[str, str]:
    def part(start: int, length: int) -> str:
        return f"substr(region_l, {start}, {length}) = substr(region_r, {start}, {length})"

    def is_whole(start: int, zeros: str) -> str:
        return (
            f"substr(region_l, {start}, {len(zeros)}) = '{zeros}'"
            f" OR substr(region_r, {start}, {len(zeros)}) = '{zeros}'"
        )

    within_city = f"{part(1, 4)} AND NOT ({is_whole(5, '00')})"
    may_be_one = (
        f"{part(1, 2)} AND ({_equal('city')} OR {is_whole(3, '0000')}"
        f" OR ({part(1, 4)} AND ({is_whole(5, '00')} OR {_equal('region')})))"
    )
    other_city = "coalesce(city_l <> city_r, FALSE)"
    return {
        "none": f"({_missing('region')}) AND ({_missing('city')})",
        "same_county": f"{within_city} AND {_equal('region')} AND NOT {other_city}",
        "same_city": (
            f"(({_missing('region')}) AND {_equal('city')})"
            f" OR ({part(1, 2)} AND {_equal('city')} AND NOT ({within_city}))"
        ),
        "compatible": f"{may_be_one} AND NOT {other_city} AND NOT ({within_city})",
        "other_county": f"{within_city} AND {_equal('city')}",
        "other_city": f"{may_be_one} AND {other_city}",
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
    return {
        "none": _missing("phone"),
        "equal": f"{_equal('phone')} AND {_agrees()}",
        "shared": _equal("phone"),
        "differ": ELSE,
    }


def _person() -> dict[str, str]:
    x, y = _cut("person", PERSON_WIDTH)
    return {
        "none": _missing("person"),
        "equal": f"{_equal('person')} AND {_agrees()}",
        "shared": _equal("person"),
        "edit_1": (
            f"length({x}) = length({y}) AND length({x}) >= 2 AND edit_distance({x}, {y}) = 1"
        ),
        "differ": ELSE,
    }


def _address() -> dict[str, str]:
    x, y = _cut("address", ADDRESS_WIDTH)
    shorter, both = f"least(length({x}), length({y}))", f"(length({x}) + length({y}))"
    common = f"common_length({x}, {y})"
    close = f"200 * {common} >= 88 * {both} OR ({shorter} >= 6 AND {common} >= {shorter})"
    return {
        "none": _missing("address"),
        "equal": f"{_equal('address')} AND {_agrees_nearly()}",
        "close": f"({close}) AND {_agrees_nearly()}",
        "shared": f"{_equal('address')} OR {close}",
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


# Beside the seven attributes, for what is known of the values of two of them together: column of
# the input that holds the value, levels of our own with the entry of SURPRISES each one adds.
_IS_ONE_PLACE = " OR ".join(
    f"coalesce({LEVEL_SQL['region'][level]}, FALSE)" for level in ("same_county", "same_city")
)
VALUE_SQL: dict[str, tuple[str, dict[str, str]]] = {
    "spelling": (
        "spelling",
        {
            "spelling_none": (f"{_missing('trunk')} OR {_equal('trunk')} OR {_differ_in_number()}"),
            "spelling_contained": LEVEL_SQL["name"]["contained"],
            "spelling_edit": LEVEL_SQL["name"]["edit_1"],
            "spelling_core": LEVEL_SQL["name"]["core"],
            "spelling_weak": LEVEL_SQL["name"]["weak"],
            "spelling_other": ELSE,
        },
    ),
    "spread": (
        "spread",
        {
            "spread_none": _missing("trunk"),
            "spread": f"{_equal('trunk')} AND NOT ({_IS_ONE_PLACE})",
            "spread_other": ELSE,
        },
    ),
}
