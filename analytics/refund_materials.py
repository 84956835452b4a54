"""Which hazardous wastes the material of a refund claim, or of goods, may be.

Projects of 即征即退 name their materials in everyday words (财税公告2021年第40号 with its
catalogue), some of which hazardous and ordinary wastes share. The words are a table,
``records/data/vat_refund_inputs.csv``; in each part of a text the first that is met counts.
"""

import re
from dataclasses import dataclass
from functools import cache

from records.contract import read_table

PARTS = re.compile(r"[、，,;；/和与及]")


@dataclass(frozen=True, slots=True)
class Materials:
    """Categories (two digits, as at the end of a waste code) that a text speaks of.

    ``is_known``: a word of the table is in it; without categories it is ordinary waste.
    ``is_shared``: materials that come without a manifest may be meant as well.
    """

    categories: tuple[str, ...]
    is_known: bool
    is_shared: bool


@cache
def _words() -> tuple[tuple[re.Pattern[str], tuple[str, ...], bool], ...]:
    return tuple(
        (
            re.compile(row["pattern"]),
            tuple(category.removeprefix("HW") for category in row["categories"].split()),
            row["is_shared"] == "1" or not row["categories"],
        )
        for row in read_table("vat_refund_inputs.csv")
    )


def materials_of(text: str) -> Materials:
    """Categories of the materials that ``text`` names, in order."""
    categories: set[str] = set()
    is_known, is_shared = False, False
    for part in filter(None, PARTS.split(text)):
        met = next((row for row in _words() if row[0].search(part)), None)
        is_known = is_known or met is not None
        is_shared = is_shared or met is None or met[2]
        categories.update(met[1] if met else ())
    return Materials(tuple(sorted(categories)), is_known, is_shared)
