"""The scoring script on a small truth made by hand, every verdict once."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[3] / "tools" / "score_findings.py"
A, B, C, D, E = (f"9132000000000000{i}X" for i in range(1, 6))


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """The script as a module, loaded from its file as nothing else imports it."""
    spec = importlib.util.spec_from_file_location("score_findings", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["score_findings"] = module
    spec.loader.exec_module(module)
    return module


def firm(code: str, *, core: bool = False) -> dict[str, object]:
    return {"kind": "organization", "uscc": code, "core": core}


def case(model: str, kind: str, name: str, *subjects: dict[str, object],
         days: tuple[int, int] = (1, 9), severity: str = "grave") -> dict[str, object]:  # fmt: skip
    return {
        "model": model, "kind": kind, "name": name, "severity": severity,
        "subjects": list(subjects), "from": f"2026-10-{days[0]:02d} 00:00",
        "to": f"2026-10-{days[1]:02d} 23:00", "rows": [], "amounts": {}, "why": "",
    }  # fmt: skip


def finding(number: int, model: str, grade: int, *subjects: dict[str, object],
            days: tuple[int, int] = (2, 8)) -> dict[str, object]:  # fmt: skip
    return {
        "finding_id": f"{model}:{number}", "model": model, "grade": grade, "title": f"f{number}",
        "subjects": list(subjects), "status": "ok",
        "window": {"from": f"2026-10-{days[0]:02d}T08:00:00+08:00",
                   "to": f"2026-10-{days[1]:02d}T08:00:00+08:00"},
    }  # fmt: skip


def named(name: str = "", **ids: str) -> dict[str, object]:
    return {"kind": "organization", "entity_id": "org:1", "name": name, "ids": ids}


CASES = [
    case("HW-11", "hit", "three", firm(A), firm(B), firm(C)),
    case("HW-11", "hit", "unseen", firm(D), firm(E), severity="slight"),
    case("HW-11", "near_miss", "open", firm(C), firm(D), days=(20, 25)),
    case("HW-10", "hit", "shell", firm(E, core=True), firm(A), firm(B), firm(C)),
    case("OM-02", "hit", "outlet", firm(A),
         {"kind": "outlet", "mn": "M1", "outlet_code": "DW001", "uscc": A}),
]  # fmt: skip
FINDINGS = [
    finding(1, "HW-11", 1, named(uscc=A), named("乙厂"), named(uscc=D)),
    finding(2, "HW-11", 3, named(uscc=C), named(uscc=D), days=(21, 22)),
    finding(3, "HW-11", 2, named(uscc=D), named(uscc=E), days=(14, 15)),
    finding(4, "HW-10", 2, named(uscc=E)),
    finding(5, "HW-10", 3, named(uscc=A), named(uscc=B)),
    finding(6, "OM-02", 1, {"kind": "outlet", "name": "x", "ids": {"mn": "M1"}}),
    finding(7, "OM-02", 1, {"kind": "outlet", "name": "x", "ids": {"outlet_code": "DW002"}},
            named(uscc=A)),
    finding(8, "HW-11", 2, named(uscc=A), named("丙厂"), named("丁厂")),
]  # fmt: skip


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    """Truth, findings and members on disk."""
    truth, findings, members = (tmp_path / n for n in ("truth.json", "f.jsonl", "members.csv"))
    document = {"seed": 5, "cases": CASES, "entities": {B: ["乙厂", "乙化工厂"]}}
    truth.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    lines = [json.dumps(one, ensure_ascii=False) for one in FINDINGS]
    findings.write_text("\n".join(lines) + "\n", encoding="utf-8")
    head = "dataset,batch,row,part,column,kind,role,entity_id"
    rows = [(1, "org:a"), (2, "org:a"), (3, "org:b"), (4, "org:b"), (5, "org:c")]
    members.write_text(
        "\n".join([head, *(f"manifest,abcdef99,{r},1,n,organization,x,{e}" for r, e in rows),
                   "manifest,abcdef99,1,1,n,person,x,person:1"]) + "\n", encoding="utf-8"
    )  # fmt: skip
    meant = [(1, A), (2, A), (3, A), (4, B), (5, C), (6, C)]
    truth.with_suffix(".members.csv").write_text(
        "dataset,batch,row,column,meant\n"
        + "".join(f"manifest,abcdef,{r},n,{f}\n" for r, f in meant), encoding="utf-8"
    )  # fmt: skip
    return truth, findings, members


def test_every_finding_gets_its_verdict(script: ModuleType, files: tuple[Path, Path, Path]) -> None:
    cases, names, _ = script.read_truth(files[0])
    verdicts = [script.attribute(one, cases)[0] for one in script.read_findings(files[1], names)]
    assert verdicts == [
        "hit",
        "near_miss",
        "nothing",
        "hit",
        "other_case",
        "hit",
        "other_case",
        "nothing",
    ]


def test_figures_per_model_severity_and_grade(
    script: ModuleType, files: tuple[Path, Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert script.main([str(files[0]), str(files[1]), str(files[2]), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    loops = report["models"]["HW-11"]
    assert (loops["hits"], loops["found"], loops["recall"]) == (2, 1, 0.5)
    assert (loops["findings"], loops["precision"]) == (4, 0.25)
    assert loops["missed"] == ["unseen"]
    assert loops["by_severity"]["grave"] == {
        "hits": 1, "found": 1, "recall": 1.0, "best_grade": {"1": 1}
    }  # fmt: skip
    assert loops["by_grade"]["3"]["near_miss"] == 1
    assert loops["by_grade"]["3"]["innocent_cases"] == {"near_miss": 1, "look_alike": 0}
    found = {grade: (part["hits"], part["found"]) for grade, part in loops["by_grade"].items()}
    assert found == {"1": (1, 1), "2": (0, 0), "3": (1, 0)}
    chains = report["models"]["HW-10"]["by_grade"]
    assert (chains["1"]["recall"], chains["2"]["precision"]) == (0.0, 1.0), (
        "grade 2 for a grave hit"
    )
    assert loops["reported_innocent"]["near_miss"] == "1/1"
    assert report["models"]["HW-10"]["verdicts"]["other_case"] == 1


def test_pairs_of_mentions(script: ModuleType, files: tuple[Path, Path, Path]) -> None:
    result = script.score_members(files[0].with_suffix(".members.csv"), files[2])
    # together in truth: (1,2) (1,3) (2,3); in the result: (1,2) (3,4)
    assert result["pair_precision"] == 0.5
    assert result["pair_recall"] == round(1 / 3, 6)
    assert result["mentions_without_entity"] == 1
    assert result["firms_in_several_entities"] == 1
    assert result["entities_of_several_firms"] == 1


def test_table_names_what_was_missed(
    script: ModuleType, files: tuple[Path, Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    script.main([str(files[0]), str(files[1])])
    text = capsys.readouterr().out
    assert "missed: unseen" in text
    assert "near_miss:open(G3)" in text


def test_times_far_apart_do_not_match(script: ModuleType, files: tuple[Path, Path, Path]) -> None:
    cases, names, _ = script.read_truth(files[0])
    late = finding(9, "HW-11", 1, named(uscc=A), named(uscc=B), days=(20, 21))
    files[1].write_text(json.dumps(late) + "\n", encoding="utf-8")
    (one,) = script.read_findings(files[1], names)
    assert script.attribute(one, cases)[0] == "nothing"
