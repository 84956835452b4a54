"""Numbers with thousands, qualifiers and trailing units; truth values; enumerations."""

import re

from ingest.units import multiplier
from ingest.values.parsed import Parsed
from records.contract import Column

NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?([eE][+-]?\d+)?")
POWER = re.compile(r"\s*[×x*]\s*10\s*\^\s*([+-]?\d+)")
TRAILING_UNIT = re.compile(r"^(.*?\d)\s*([^\d\s.,eE+-].*)$")
NOT_DETECTED = frozenset({"ND", "NOT DETECTED", "未检出", "<检出限"})
QUALIFIERS = {"<": "<", "≤": "<", ">": ">", "≥": ">", "约": "≈", "~": "≈"}
TRUE = frozenset({"是", "有", "Y", "YES", "TRUE", "1", "√", "T"})
FALSE = frozenset({"否", "无", "N", "NO", "FALSE", "0", "×", "X", "F"})


def _plain(text: str) -> float | None:
    text = POWER.sub(r"e\1", text).strip()
    if not text or not NUMBER.fullmatch(text) or not any(c.isdigit() for c in text):
        return None
    return float(text.replace(",", ""))


def parse_number(text: str, storage_unit: str, outer_unit: str) -> Parsed:
    """A number in the storage unit.

    Parameters
    ----------
    storage_unit
        Unit of the contract; empty or ``1`` for pure numbers.
    outer_unit
        Unit that heading, title or configuration give; one in the cell goes before it.
    """
    if text.upper() in NOT_DETECTED:
        return Parsed(None, "below_detection", "<")
    qualifier = QUALIFIERS.get(text[0], "")
    body = text[1:].strip() if qualifier else text
    if re.fullmatch(r"[\d.]+L", body):
        qualifier, body = "<", body[:-1]
    value, unit = _plain(body), outer_unit
    if value is None:
        found = TRAILING_UNIT.match(body)
        value = _plain(found.group(1)) if found else None
        if found is None or value is None:
            return Parsed(None, "bad_number")
        unit = found.group(2).strip()
    factor = multiplier(unit, storage_unit) if unit else 1.0
    if factor is None:
        return Parsed(None, "bad_unit")
    code = {"<": "below_detection", ">": "qualified", "≈": "qualified"}.get(qualifier, "")
    return Parsed(round(value * factor, 6), code, qualifier)


def parse_int(text: str) -> Parsed:
    """A whole number; ``12.0`` out of a numeric cell is one, ``12.5`` is not."""
    value = _plain(text)
    if value is None or not value.is_integer() or abs(value) > 2**62:
        return Parsed(None, "bad_number")
    return Parsed(int(value))


def parse_bool(text: str) -> Parsed:
    """A truth value in the forms 是/否, 有/无, Y/N, true/false, 1/0, √/×."""
    upper = text.upper().removesuffix(".0")
    if upper in TRUE:
        return Parsed(True)
    if upper in FALSE:
        return Parsed(False)
    return Parsed(None, "bad_bool")


def parse_enum(text: str, column: Column) -> Parsed:
    """The stored form of an enumeration value; an unknown one stays as written, flagged."""
    bare = text.removesuffix(".0")
    for value in column.enum:
        if value.code and bare.upper() in (
            value.code.upper(),
            value.code.lstrip("0"),
            f"{value.code}{value.label}".upper(),
            f"{value.code} {value.label}".upper(),
        ):
            return Parsed(value.stored)
        if bare == value.label:
            return Parsed(value.stored)
    return Parsed(text, "unknown_enum")
