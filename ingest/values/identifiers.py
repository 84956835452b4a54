"""Identifiers: credit codes, ID numbers, phones, plates, waste codes, divisions.

Sources: GB 32100-2015 (credit code), GB 11643-1999 (ID number), GA 36-2018 (plates), the national
list of hazardous wastes (codes), GB/T 2260 (divisions).
"""

import re
from datetime import date
from functools import cache
from itertools import product

from ingest.values.parsed import Parsed
from records.contract import read_table

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
CONFUSABLE = {"O": "0", "I": "1", "S": "5", "Z": "2"}
ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECKS = "10X98765432"
VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
# Values of J to N, P, R and S to Z.
VIN_TAIL = (1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9)
ALNUM = re.compile(r"[0-9A-Z]+")
MASKED_ID = re.compile(r"\d{3,10}\*+\d{0,4}[0-9X]?")
UNREAD = frozenset({"无牌", "车牌", "未识别", "-", "UNREAD"})
PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"
PLATE = re.compile(rf"[{PROVINCES}][A-Z][A-Z0-9]{{4,6}}[挂学警港澳]?")
HW_CODE = re.compile(r"(\d{3})-?(\d{3})-?(\d{2})(?!\d)")


def is_valid_uscc(text: str) -> bool:
    """Whether the 18 characters carry the check character of GB 32100."""
    if len(text) != 18 or any(c not in USCC_ALPHABET for c in text):
        return False
    total = sum(w * USCC_ALPHABET.index(c) for w, c in zip(USCC_WEIGHTS, text[:17], strict=True))
    return USCC_ALPHABET[(31 - total % 31) % 31] == text[17]


def is_valid_person_id(text: str) -> bool:
    """Whether the 18 characters carry a real birth date and the check of GB 11643."""
    if not re.fullmatch(r"\d{17}[\dX]", text):
        return False
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    total = sum(w * int(c) for w, c in zip(ID_WEIGHTS, text[:17], strict=True))
    return ID_CHECKS[total % 11] == text[17]


VIN_VALUES = dict(
    zip("0123456789ABCDEFGHJKLMNPRSTUVWXYZ", (*range(10), *range(1, 9), *VIN_TAIL), strict=True)
)


def is_valid_vin(text: str) -> bool:
    """Whether 17 signs carry the check sign of GB 16735 at their ninth place."""
    if len(text) != 17 or any(sign not in VIN_VALUES for sign in text):
        return False
    total = sum(w * VIN_VALUES[sign] for w, sign in zip(VIN_WEIGHTS, text, strict=True))
    return text[8] == "0123456789X"[total % 11]


def parse_uscc(text: str) -> Parsed:
    """A credit code; confusable letters are put right only when the check digit then fits."""
    code = re.sub(r"[\s\-]", "", text).upper()
    if not ALNUM.fullmatch(code):
        return Parsed(None, "bad_format")
    if len(code) in (9, 15, 17, 20):
        return Parsed(code, "legacy_id")
    if len(code) != 18:
        return Parsed(None, "bad_format")
    if is_valid_uscc(code) or is_valid_person_id(code):
        return Parsed(code)
    if all(c in USCC_ALPHABET or c in CONFUSABLE for c in code) and any(
        c in CONFUSABLE for c in code
    ):
        choices = [(c, CONFUSABLE[c]) if c in CONFUSABLE else (c,) for c in code]
        for attempt in product(*choices):
            repaired = "".join(attempt)
            if is_valid_uscc(repaired):
                return Parsed(repaired, "repaired_confusable")
    return Parsed(code, "bad_checksum")


def parse_person_id(text: str) -> Parsed:
    """An ID number of 18 or 15 characters, or a masked one, which is kept as it is."""
    number = re.sub(r"\s", "", text).upper()
    if MASKED_ID.fullmatch(number):
        return Parsed(number, "masked")
    if re.fullmatch(r"\d{15}", number):
        return Parsed(number, "legacy_id")
    if not re.fullmatch(r"\d{17}[\dX]", number):
        return Parsed(None, "bad_format")
    return Parsed(number, "" if is_valid_person_id(number) else "bad_checksum")


def parse_phone(text: str) -> Parsed:
    """A mobile of 11 digits or a landline with area code; an extension is cut off."""
    bare = re.sub(r"(转|ext\.?|分机).*$", "", text, flags=re.IGNORECASE)
    if "*" in bare:
        return Parsed(re.sub(r"[\s\-]", "", bare), "masked")
    digits = re.sub(r"[\s\-()（）]", "", bare)
    digits = re.sub(r"^(\+86|0086)", "", digits)
    if not re.fullmatch(r"\d{7,12}", digits):
        return Parsed(None, "bad_format")
    return Parsed(digits)


def parse_plate(text: str) -> Parsed:
    """A plate without its dot; an unread one counts as filled."""
    if text in UNREAD:
        return Parsed("UNREAD", "unread_plate")
    plate = re.sub(r"[\s·•.\-]", "", text).upper()
    plate = plate[:2] + plate[2:].replace("O", "0").replace("I", "1")
    if PLATE.fullmatch(plate):
        return Parsed(plate)
    return Parsed(plate, "odd_plate") if plate else Parsed(None, "bad_format")


@cache
def _waste_codes() -> frozenset[str]:
    return frozenset(row["waste_code"] for row in read_table("hw_waste_codes_2021.csv"))


def parse_hw_code(text: str) -> Parsed:
    """A waste code ``900-300-34`` out of what surrounds it; a malformed one is kept and flagged."""
    found = HW_CODE.search(text)
    if found is None:
        return Parsed(text, "bad_code")
    code = "-".join(found.groups())
    is_known = code in _waste_codes() or code.startswith("900-000-")
    return Parsed(code, "" if is_known else "unknown_code")


@cache
def _divisions() -> dict[str, str]:
    names: dict[str, str] = {}
    for row in read_table("jiangsu_divisions.csv"):
        names.setdefault(row["name_zh"], row["code"])
        names.setdefault(row["parent_name_zh"] + row["name_zh"], row["code"])
    return names


def parse_division(text: str) -> Parsed:
    """A code of six digits; twelve are cut, names are looked up."""
    digits = re.sub(r"\.0$", "", text)
    if re.fullmatch(r"\d{6}(\d{6})?", digits):
        code = digits[:6]
        is_known = code in _divisions().values() or not code.startswith("32")
        return Parsed(code, "" if is_known else "unknown_code")
    name = text.removeprefix("江苏省")
    if name in _divisions():
        return Parsed(_divisions()[name])
    return Parsed(None, "bad_format")
