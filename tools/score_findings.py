"""Score findings against what a simulation planted: recall and precision per model and grade.

    python tools/score_findings.py TRUTH.json FINDINGS.jsonl [MEMBERS.csv] [--json]

Nothing of the product is imported; both files are read as anyone could read them.

Rule. A finding belongs to a case of its own model when

1. it names at least half of the subjects that make the case (those marked ``core`` if there are
   any, else all); firms agree by credit code or by any name under which the truth says they were
   delivered, vehicles by plate, outlets by MN or by credit code and outlet code, persons by
   certificate or name; where both sides name outlets, one of them must agree;
2. their times overlap, with two days of tolerance.

Of several such cases the one with the largest share of common subjects counts, a hit before a near
miss before a look-alike. A finding that belongs to no case of its model but shares half of its own
subjects with a hit of another model is counted as ``other_case``, any other one as ``nothing``.
A hit is found when a finding belongs to it; precision is findings on hits by all findings. Per
grade, recall is the share of the hits planted for it (grave 1, serious 2, slight 3) that a finding
of this grade or a graver one belongs to, and each near miss and look-alike counts at the most
severe grade at which it was reported.

With MEMBERS.csv and the file ``TRUTH.members.csv`` beside the truth, pairs of mentions of firms
are compared: two mentions are together in truth when they mean one firm, in the result when they
have one entity.
"""

import argparse
import csv
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path

SHANGHAI = timezone(timedelta(hours=8))
TOLERANCE = timedelta(days=2)
KINDS = ("hit", "near_miss", "look_alike")
INNOCENT = KINDS[1:]
VERDICTS = (*KINDS, "other_case", "nothing")
SEVERITIES = ("grave", "serious", "slight", "")
GRADE_OF_SEVERITY = {"grave": 1, "serious": 2, "slight": 3}
Tokens = frozenset[str]


@dataclass(frozen=True)
class Case:
    """One planted case: ``parts`` has one set of tokens per subject, ``core`` those that count."""

    model: str
    kind: str
    severity: str
    name: str
    started: datetime
    ended: datetime
    parts: tuple[Tokens, ...]
    core: tuple[Tokens, ...]
    outlets: Tokens


@dataclass(frozen=True)
class Finding:
    """One finding, with one set of tokens per subject."""

    finding_id: str
    model: str
    grade: int
    title: str
    started: datetime
    ended: datetime
    parts: tuple[Tokens, ...]
    outlets: Tokens


@dataclass
class Score:
    """What became of the cases and findings of one model."""

    cases: list[Case] = field(default_factory=list)
    findings: list[tuple[Finding, str, Case | None]] = field(default_factory=list)


def moment(text: str | None, default: datetime) -> datetime:
    """A time of either file as Shanghai time without zone."""
    if not text:
        return default
    value = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return value if value.tzinfo is None else value.astimezone(SHANGHAI).replace(tzinfo=None)


def _values(value: object) -> list[str]:
    """An identifier that may be one text or a list of texts."""
    if isinstance(value, list):
        return [str(one) for one in value]
    return [] if value in (None, "") else [str(value)]


def tokens(subject: dict[str, object], names: dict[str, list[str]], owners: set[str]) -> Tokens:
    """All by which a subject may be recognised; ``owners`` are the credit codes beside it."""
    ids = subject.get("ids")
    known = {**subject, **(ids if isinstance(ids, dict) else {})}
    kind = str(subject.get("kind", "organization"))
    found: set[str] = set()
    if kind == "outlet":
        found |= {f"mn:{mn}" for mn in _values(known.get("mn"))}
        permit = str(known.get("permit_no") or "")[:18]
        codes = {*owners, *_values(known.get("uscc")), *([permit] if permit else [])}
        for outlet in _values(known.get("outlet_code")):
            found |= {f"outlet:{code}/{outlet}" for code in codes}
        return frozenset(found)
    for code in _values(known.get("uscc")):
        found.add(f"uscc:{code}")
        found |= {f"{kind}:{name}" for name in names.get(code, [])}
    found |= {f"plate:{plate.replace('·', '')}" for plate in _values(known.get("plate"))}
    found |= {f"cert:{number}" for number in _values(known.get("cert_no"))}
    found |= {f"{kind}:{name}" for name in _values(known.get("name"))}
    return frozenset(found)


def _sides(
    subjects: list[dict[str, object]], names: dict[str, list[str]]
) -> tuple[list[Tokens], Tokens]:
    """Tokens per subject, and those of all outlets together."""
    owners: set[str] = set()
    for subject in subjects:
        ids = subject.get("ids")
        code = subject.get("uscc") or (ids.get("uscc") if isinstance(ids, dict) else None)
        owners.update(_values(code))
    parts = [tokens(subject, names, owners) for subject in subjects]
    outlets = [p for p, s in zip(parts, subjects, strict=True) if s.get("kind") == "outlet"]
    return parts, frozenset().union(*outlets)


def read_truth(path: Path) -> tuple[list[Case], dict[str, list[str]], int]:
    """Cases, names by credit code, and the seed."""
    document = json.loads(path.read_text(encoding="utf-8"))
    names: dict[str, list[str]] = document.get("entities", {})
    cases = []
    for row in document["cases"]:
        parts, outlets = _sides(row["subjects"], names)
        core = [p for p, s in zip(parts, row["subjects"], strict=True) if s.get("core")]
        cases.append(Case(
            row["model"], row["kind"], row.get("severity", ""), row["name"],
            moment(row.get("from"), datetime.min), moment(row.get("to"), datetime.max),
            tuple(parts), tuple(core or parts), outlets,
        ))  # fmt: skip
    return cases, names, int(document.get("seed", 0))


def read_findings(path: Path, names: dict[str, list[str]]) -> list[Finding]:
    """Findings of a JSON Lines file."""
    out = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            row = json.loads(line)
            parts, outlets = _sides(row.get("subjects", []), names)
            window = row.get("window") or {}
            out.append(Finding(
                row["finding_id"], row["model"], int(row["grade"]), row.get("title", ""),
                moment(window.get("from"), datetime.min), moment(window.get("to"), datetime.max),
                tuple(parts), outlets,
            ))  # fmt: skip
    return out


def share(wanted: tuple[Tokens, ...], given: tuple[Tokens, ...]) -> float:
    """Share of the wanted subjects that are among the given ones."""
    if not wanted:
        return 0.0
    return sum(any(one & other for other in given) for one in wanted) / len(wanted)


def overlaps(finding: Finding, case: Case) -> bool:
    """Whether both happened at one time, give or take the tolerance."""
    begins = case.started - TOLERANCE if case.started > datetime.min else case.started
    ends = case.ended + TOLERANCE if case.ended < datetime.max else case.ended
    return finding.started <= ends and finding.ended >= begins


def belongs(finding: Finding, case: Case) -> float:
    """How much of a case a finding names, 0 when it does not belong to it."""
    if not overlaps(finding, case):
        return 0.0
    if finding.outlets and case.outlets and not finding.outlets & case.outlets:
        return 0.0
    part = share(case.core, finding.parts)
    return part if part >= 0.5 else 0.0


def attribute(finding: Finding, cases: list[Case]) -> tuple[str, Case | None]:
    """The verdict on a finding, and the case behind it."""
    own = [
        (belongs(finding, case) + share(case.parts, finding.parts) / 10, -KINDS.index(case.kind), i)
        for i, case in enumerate(cases)
        if case.model == finding.model and belongs(finding, case)
    ]
    if own:
        best = cases[max(own, key=lambda item: (item[0], item[1], -item[2]))[2]]
        return best.kind, best
    for case in cases:
        strange = case.model != finding.model and case.kind == "hit"
        if strange and overlaps(finding, case) and share(finding.parts, case.parts) >= 0.5:
            return "other_case", case
    return "nothing", None


def ratio(part: int, whole: int) -> float | None:
    """A share, None of nothing."""
    return round(part / whole, 4) if whole else None


def judge(cases: list[Case], findings: list[Finding]) -> dict[str, Score]:
    """Cases and attributed findings per model."""
    scores: dict[str, Score] = defaultdict(Score)
    for case in cases:
        scores[case.model].cases.append(case)
    for finding in findings:
        scores[finding.model].findings.append((finding, *attribute(finding, cases)))
    return dict(sorted(scores.items()))


def summary(score: Score) -> dict[str, object]:
    """Figures of one model."""
    hits = [case for case in score.cases if case.kind == "hit"]
    grades: dict[int, list[int]] = defaultdict(list)
    for finding, verdict, case in score.findings:
        if verdict == "hit" and case is not None:
            grades[id(case)].append(finding.grade)
    verdicts = Counter(verdict for _, verdict, _ in score.findings)
    return {
        "hits": len(hits),
        "found": sum(id(case) in grades for case in hits),
        "recall": ratio(sum(id(case) in grades for case in hits), len(hits)),
        "findings": len(score.findings),
        "precision": ratio(verdicts["hit"], len(score.findings)),
        "verdicts": {verdict: verdicts[verdict] for verdict in VERDICTS},
        "reported_innocent": {
            kind: f"{len({id(c) for _, v, c in score.findings if v == kind})}"
            f"/{sum(case.kind == kind for case in score.cases)}"
            for kind in INNOCENT
        },
        "by_severity": _by_severity(hits, grades),
        "by_grade": _by_grade(score, hits, grades),
        "missed": [case.name for case in hits if id(case) not in grades],
        "false": [
            {"finding_id": finding.finding_id, "grade": finding.grade, "title": finding.title,
             "verdict": verdict, "case": case.name if case else None}
            for finding, verdict, case in score.findings if verdict != "hit"
        ],
    }  # fmt: skip


def _by_severity(hits: list[Case], grades: dict[int, list[int]]) -> dict[str, object]:
    """Recall of grave, serious and slight hits, with the most severe grade given to each."""
    out: dict[str, object] = {}
    for severity in SEVERITIES:
        mine = [case for case in hits if case.severity == severity]
        if mine:
            best = Counter(min(grades[id(case)]) for case in mine if id(case) in grades)
            found = sum(best.values())
            out[severity or "unsaid"] = {
                "hits": len(mine), "found": found, "recall": ratio(found, len(mine)),
                "best_grade": {str(grade): best[grade] for grade in sorted(best)},
            }  # fmt: skip
    return out


def _by_grade(score: Score, hits: list[Case], grades: dict[int, list[int]]) -> dict[str, object]:
    """Recall of what was planted for a grade, precision of its findings, innocents reported."""
    innocent: dict[int, tuple[str, int]] = {}
    for finding, verdict, case in score.findings:
        if verdict in INNOCENT and case is not None:
            _, worst = innocent.get(id(case), (verdict, finding.grade))
            innocent[id(case)] = (verdict, min(worst, finding.grade))
    reported = Counter(innocent.values())
    out: dict[str, object] = {}
    for grade in (1, 2, 3):
        verdicts = Counter(v for finding, v, _ in score.findings if finding.grade == grade)
        meant = [case for case in hits if GRADE_OF_SEVERITY.get(case.severity) == grade]
        total = sum(verdicts.values())
        if not total and not meant:
            continue
        reached = sum(min(grades.get(id(case), [9])) <= grade for case in meant)
        out[str(grade)] = {
            "hits": len(meant), "found": reached, "recall": ratio(reached, len(meant)),
            "findings": total, "precision": ratio(verdicts["hit"], total),
            "innocent_cases": {kind: reported[(kind, grade)] for kind in INNOCENT},
            **{verdict: verdicts[verdict] for verdict in VERDICTS},
        }  # fmt: skip
    return out


def _pairs(counts: Iterable[int]) -> int:
    return sum(n * (n - 1) // 2 for n in counts)


def score_members(truth: Path, members: Path) -> dict[str, object]:
    """Pairwise precision and recall of firms over the mentions that both files know."""
    given: dict[tuple[str, str, str, str], str] = {}
    with members.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            if row["kind"] == "organization" and row.get("part", "1") in ("", "1"):
                key = (row["dataset"], row["batch"], row["row"], row["column"])
                given[key] = row["entity_id"]
    cells: Counter[tuple[str, str]] = Counter()
    unknown = digits = 0
    with truth.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if not digits:
                digits = len(row["batch"])
                given = {(d, b[:digits], r, c): e for (d, b, r, c), e in given.items()}
            entity = given.get((row["dataset"], row["batch"], row["row"], row["column"]))
            if entity is None:
                unknown += 1
            else:
                cells[(row["meant"], entity)] += 1
    firms: Counter[str] = Counter()
    entities: Counter[str] = Counter()
    split: dict[str, set[str]] = defaultdict(set)
    mixed: dict[str, set[str]] = defaultdict(set)
    for (firm, joined), count in cells.items():
        firms[firm] += count
        entities[joined] += count
        split[firm].add(joined)
        mixed[joined].add(firm)
    right, together, meant = (_pairs(c.values()) for c in (cells, entities, firms))
    return {
        "mentions": sum(cells.values()),
        "mentions_without_entity": unknown,
        "firms": len(firms),
        "entities": len(entities),
        "pair_precision": round(right / together, 6) if together else None,
        "pair_recall": round(right / meant, 6) if meant else None,
        "firms_in_several_entities": sum(len(parts) > 1 for parts in split.values()),
        "entities_of_several_firms": sum(len(parts) > 1 for parts in mixed.values()),
    }


def table(report: dict[str, object]) -> str:
    """The report as text."""
    lines = [f"seed {report['seed']}", ""]
    head = f"{'model':7}{'hits':>6}{'found':>7}{'recall':>8}{'findings':>10}{'precision':>11}"
    lines.append(head + "".join(f"{verdict:>12}" for verdict in VERDICTS))
    models = report["models"]
    assert isinstance(models, dict)  # noqa: S101 - made by this file
    for model, row in models.items():
        lines.append(
            f"{model:7}{row['hits']:>6}{row['found']:>7}{_shown(row['recall']):>8}"
            f"{row['findings']:>10}{_shown(row['precision']):>11}"
            + "".join(f"{row['verdicts'][verdict]:>12}" for verdict in VERDICTS)
        )
        for severity, part in row["by_severity"].items():
            best = " ".join(f"G{grade}:{n}" for grade, n in part["best_grade"].items())
            lines.append(f"  {severity:8}{part['hits']:>3}{part['found']:>7}"
                         f"{_shown(part['recall']):>8}  best grades {best or '-'}")  # fmt: skip
        for grade, part in row["by_grade"].items():
            lines.append(f"  grade {grade}{part['hits']:>4}{part['found']:>7}"
                         f"{_shown(part['recall']):>8}{part['findings']:>10}"
                         f"{_shown(part['precision']):>11}"
                         + "".join(f"{part[verdict]:>12}" for verdict in VERDICTS))  # fmt: skip
        if row["missed"]:
            lines.append("  missed: " + "、".join(row["missed"]))
        innocent = [f"{f['verdict']}:{f['case']}(G{f['grade']})" for f in row["false"] if f["case"]]
        if innocent:
            lines.append("  reported though innocent or of another model: " + "、".join(innocent))
    if report.get("entities"):
        lines += ["", "entities: " + json.dumps(report["entities"], ensure_ascii=False)]
    return "\n".join(lines)


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def main(arguments: list[str] | None = None) -> int:
    """Read, score, write; 0 when done."""
    parser = argparse.ArgumentParser(description="Score findings against a simulation's truth.")
    parser.add_argument("truth", type=Path)
    parser.add_argument("findings", type=Path)
    parser.add_argument("members", type=Path, nargs="?")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    given = parser.parse_args(arguments)
    cases, names, seed = read_truth(given.truth)
    scores = judge(cases, read_findings(given.findings, names))
    report: dict[str, object] = {
        "seed": seed,
        "models": {model: summary(score) for model, score in scores.items()},
    }
    if given.members:
        beside = given.truth.with_suffix(".members.csv")
        report["entities"] = score_members(beside, given.members)
    text = json.dumps(report, ensure_ascii=False, indent=1) if given.json else table(report)
    sys.stdout.write(text + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
