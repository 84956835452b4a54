"""What people read about a loop: its terms, the parts of its place in the list, its balance."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from graph.types import Finding
from records.masking import mask_text

LOOP_STATISTIC_ZH = {
    "untreated_loops": "停留或用电不足以处置的闭环",
    "paper_loops": "疑似仅有单据的闭环",
    "rank_rarity": "排序：单位往来稀少程度",
    "rank_flow": "排序：前后数量吻合程度",
    "rank_code": "排序：废物代码一致程度",
    "rank_pace": "排序：流转紧凑程度",
    "rank_choice": "排序：可能走法扣减",
    "rank_repeat": "排序：重复发生",
    "rank_weight": "排序：数量大小",
    "rank_total": "排序总分",
}
OTHER = "other"
CODE_ZH = {OTHER: "其他代码", "unknown": "无代码（货物）"}
LINE = re.compile(r"node(\d+):([^:]+):(\w+)")
HEADING = (
    "单位",
    "废物代码",
    "接收",
    "其中闭环",
    "转出",
    "其中闭环",
    "留存",
    "台账处置",
    "库存变化",
    "无法解释",
)
COLUMNS = (
    "in_t",
    "loop_in_t",
    "out_t",
    "loop_out_t",
    "held_t",
    "treated_t",
    "stock_t",
    "open_t",
)
NOT_DELIVERED = "无台账"
# Roles under which HW-11 names the parties of a loop, in the order of their numbers.
PARTY_ROLES = ("generator", "receiver")


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """One waste code at one party: its number in the loop, and the cells under HEADING, in tonnes.

    ``paper_cells`` are fewer: the loop's part stands in brackets on a
    line of its own, numbers of transfers are left out.
    """

    node: int
    code: str
    cells: tuple[str, ...]
    paper_cells: tuple[str, ...]


def balance_rows(quantities: Mapping[str, float], names: Mapping[int, str]) -> list[BalanceRow]:
    """Balance sheet of the parties of a loop, as HW-11 wrote it into a finding's quantities.

    Parameters
    ----------
    names
        Name of each party by its number, from 1; a missing one is shown by its number.
    """
    lines: dict[tuple[int, str], dict[str, float]] = {}
    for key, value in quantities.items():
        if found := LINE.fullmatch(key):
            lines.setdefault((int(found[1]), found[2]), {})[found[3]] = value
    rows = []
    for (node, code), values in sorted(lines.items(), key=_place):
        cells = [_tonnes(values[name]) if name in values else NOT_DELIVERED for name in COLUMNS]
        head = (names.get(node, f"第{node}家"), CODE_ZH.get(code, code))
        taken, loop_taken, given, loop_given, *rest = cells
        paper = (f"{taken}\n({loop_taken})", f"{given}\n({loop_given})", *rest)
        for place, count in ((0, "in_rows"), (2, "out_rows")):
            cells[place] += f"（{int(values.get(count, 0))}笔）"
        rows.append(BalanceRow(node, code, (*head, *cells), (*head, *paper)))
    return rows


def _tonnes(value: float) -> str:
    """Tonnes to the kilogram; nothing at all is 0."""
    text = f"{value:.3f}"
    return "0" if float(text) == 0 else text


def balance_of(finding: Finding) -> list[BalanceRow]:
    """Balance sheet of a finding, names masked as on paper; empty where it carries none."""
    parties = [s for s in finding.subjects if s.role in PARTY_ROLES]
    names = {number: mask_text(s.name) for number, s in enumerate(parties, 1) if s.name}
    return balance_rows(finding.quantities, names)


def _place(item: tuple[tuple[int, str], object]) -> tuple[int, int, str]:
    """Codes of the loop before goods and the rest."""
    (node, code), _ = item
    return node, ["unknown", OTHER].index(code) + 1 if code in CODE_ZH else 0, code
