"""Masking of values that must not be read without role, purpose and audit line.

L4 values (ID numbers, phones, accounts, case files, complainants) are masked in every text and
export (RULINGS 22). A cell is masked when its column is L4, or when its value has the form of an
ID number, a mobile phone or a bank account: agencies put such values into remark columns too.
"""

import re
from functools import cache

from records.contract import load_contract

ID_NUMBER = re.compile(
    r"(?<![0-9A-Za-z])([1-8]\d{5})(?:18|19|20)\d{6}(\d{3}[0-9Xx])(?![0-9A-Za-z])"
)
MOBILE = re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)")
ACCOUNT = re.compile(r"(?<!\d)(62\d{2})\d{8,11}(\d{4})(?!\d)")
SPACES = re.compile(r"\s+")


def mask_text(text: str) -> str:
    """Mask whatever looks like an ID number, a mobile phone or a bank account inside a text."""
    text = ID_NUMBER.sub(r"\1********\2", text)
    text = MOBILE.sub(r"\1****\2", text)
    return ACCOUNT.sub(r"\1****\2", text)


def mask_value(value: str) -> str:
    """Mask a value that is L4 as a whole: first and last characters stay, at most 3 and 4."""
    value = value.strip()
    if len(value) <= 1:
        return "*" * len(value)
    if len(value) <= 4:
        return value[0] + "*" * (len(value) - 1)
    head, tail = (3, 4) if len(value) >= 11 else (1, 1)
    return value[:head] + "*" * (len(value) - head - tail) + value[-tail:]


@cache
def _levels(dataset: str) -> dict[str, str]:
    levels: dict[str, str] = {}
    for column in load_contract().dataset(dataset).columns:
        for heading in column.headings:
            levels.setdefault(SPACES.sub("", heading), column.level)
    return levels


def level_of(dataset: str, heading: str) -> str:
    """Level of the column behind a heading; a heading that the contract does not know is L3."""
    bare = SPACES.sub("", heading)
    levels = _levels(dataset)
    return levels.get(bare) or levels.get(re.sub(r"[(（/].*$", "", bare)) or "L3"


def mask_cells(dataset: str, cells: dict[str, str | None]) -> dict[str, str | None]:
    """The cells of one row with L4 values masked; identifiers of firms and manifests stay."""
    masked: dict[str, str | None] = {}
    for heading, value in cells.items():
        if not value:
            masked[heading] = value
        elif level_of(dataset, heading) == "L4":
            masked[heading] = mask_value(value)
        elif level_of(dataset, heading) == "L3":
            masked[heading] = mask_text(value)
        else:
            masked[heading] = value
    return masked
