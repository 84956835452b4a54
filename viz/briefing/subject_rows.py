"""How the subjects of a finding are named on paper: masked, with identifiers, role and city."""

from collections.abc import Sequence
from functools import cache

from graph.types import Subject
from records.contract import read_table
from records.masking import mask_text, mask_value
from viz.grammar import role_zh
from viz.picture import Picture
from viz.words import IDS_ZH

L4_IDS = ("number", "id_number")


@cache
def _cities() -> dict[str, str]:
    return {row["code"]: row["name_zh"] for row in read_table("jiangsu_divisions.csv")}


def _city(subject: Subject) -> str:
    """City of registration: the third to sixth character of a credit code name it."""
    code = subject.ids.get("uscc", "")
    return _cities().get(code[2:6] + "00", "—") if len(code) == 18 else "—"


def _word(key: str) -> str:
    """Word before an identifier; a credit code and a plate need none."""
    return "" if key in ("uscc", "plate") else f"{IDS_ZH.get(key, key)} "


def _identifiers(subject: Subject) -> str:
    shown = [
        f"{_word(key)}{mask_value(v) if key in L4_IDS else mask_text(v)}"
        for key, v in sorted(subject.ids.items())
        if v
    ]
    return "；".join(shown) or "—"


def shown_name(subject: Subject) -> str:
    """Name of a subject with personal values masked."""
    if subject.kind in ("phone", "account"):
        return mask_value(subject.name)
    return mask_text(subject.name) or "—"


def subject_rows(subjects: Sequence[Subject], picture: Picture) -> tuple[tuple[str, ...], ...]:
    """Name, identifiers, role as drawn, and city of each subject."""
    return tuple(
        (shown_name(s), _identifiers(s), role_zh(picture.role_of(s)), _city(s)) for s in subjects
    )
