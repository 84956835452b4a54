"""Numbers with thousands, qualifiers and trailing units; truth values; enumerations."""

import re

from ingest.units import is_volume
from ingest.values.parsed import Parsed
from records.contract import Column

NUMBER = re.compile(r"[+-]?(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,2})?")
POWER = re.compile(r"\s*[×x*]\s*10\s*\^\s*([+-]?\d+)")
TRAILING_UNIT = re.compile(r"^(.*?[\d.])\s*([^\d\s.,eE+-].*|[eE][^\d+-].*)$")
DETECTION_LIMIT = re.compile(r"(\d+(?:\.\d+)?)L")
MEASURE_WORD = re.compile(r"^([+-]?[\d,]+(?:\.0+)?)\s*([\u4e00-\u9fff]{1,3})$")
NOT_DETECTED = frozenset({"ND", "N.D.", "NOT DETECTED", "未检出", "<检出限", "低于检出限"})
QUALIFIERS = {"<": "<", "≤": "<", ">": ">", "≥": ">", "约": "≈", "~": "≈"}
CODES = {"<": "below_detection", ">": "qualified", "≈": "qualified"}
EXEMPT_RATES = frozenset({"免税", "不征税", "***", "普通零税率", "出口零税"})
TRUE = frozenset({"是", "有", "Y", "YES", "TRUE", "1", "√", "T"})
FALSE = frozenset({"否", "无", "N", "NO", "FALSE", "0", "×", "X", "F"})


def _plain(text: str) -> float | None:
    text = POWER.sub(r"e\1", text).strip()
    if not NUMBER.fullmatch(text):
        return None
    return float(text.replace(",", ""))


def parse_number(text: str, storage_unit: str) -> Parsed:
    """A number as it stands, with the unit that its cell names.

    Parameters
    ----------
    storage_unit
        Unit of the contract: ``0.05L`` is a volume where volumes are stored, else a value below
        the detection limit; words such as 免税 are rates of nought.
    """
    if text.upper() in NOT_DETECTED:
        return Parsed(None, "below_detection", "<")
    if storage_unit == "%" and text in EXEMPT_RATES:
        return Parsed(0.0, "qualified", text)
    qualifier = QUALIFIERS.get(text[0], "")
    body = text[1:].strip(" =") if qualifier else text
    limit = DETECTION_LIMIT.fullmatch(body)
    if limit and not is_volume(storage_unit):
        qualifier, body = "<", limit[1]
    value, unit = _plain(body), ""
    if value is None:
        found = TRAILING_UNIT.match(body)
        value = _plain(found[1]) if found else None
        if found is None or value is None:
            return Parsed(None, "bad_number")
        unit = found[2].strip()
    return Parsed(value, CODES.get(qualifier, ""), qualifier, unit)


def parse_int(text: str) -> Parsed:
    """A whole number; ``12.0`` out of a numeric cell and ``12个`` are one, ``12.5`` is not."""
    counted = MEASURE_WORD.match(text)
    value = _plain(counted[1] if counted else text)
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
            f"{value.code}-{value.label}".upper(),
            f"{value.code}={value.label}".upper(),
        ):
            return Parsed(value.stored)
        if bare == value.label:
            return Parsed(value.stored)
    return Parsed(text, "unknown_enum")
