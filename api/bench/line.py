"""``jinghuan bench line``: the whole line on the simulated month, with the design's rates beside.

Targets (issue of the line): simulator ≤ 30 s, whole run ≤ 180 s and ≤ 4 GB on two cores,
delimited intake whose memory does not grow with the file, graph load within a factor 1.5 of the
rates in NEO4J.md.
"""

import json
import os
from pathlib import Path
from typing import Any

from api.bench.delimited import bench_delimited
from api.bench.graph_load import bench_graph
from api.bench.measure import run_program
from api.bench.request import Request

SIMULATE_S, RUN_S, RUN_MIB = 30.0, 180.0, 4096.0
# A file three times as large may need this share of its own growth more memory, for buffers.
GROWTH_SHARE = 0.25


def _run(folder: Path) -> dict[str, Any]:
    workspace = folder / "line"
    inbox, truth = workspace / "inbox", folder / "truth.json"
    made = run_program(
        ["simulate", str(inbox), "--size", "small", "--seed", "1", "--truth", str(truth), "--json"]
    )
    first = run_program(
        ["run", "--workspace", str(workspace), "--json", "--quiet"], workspace / "graph"
    )
    again = run_program(["run", "--workspace", str(workspace), "--json", "--quiet"])
    stages = json.loads(first.output)["stages"] if first.output else []
    second = json.loads(again.output)["stages"] if again.output else []
    return {
        "simulate_s": round(made.seconds, 2),
        "run_s": round(first.seconds, 2),
        "run_peak_mib": round(first.peak_mib),
        "run_peak_with_graph_server_mib": round(first.peak_tree_mib),
        "exit_codes": [made.exit_code, first.exit_code, again.exit_code],
        "stages": [
            {key: stage[key] for key in ("stage", "seconds", "rows_in", "rows_out")}
            for stage in stages
        ],
        "second_run_s": round(again.seconds, 2),
        "second_run_skipped": [s["stage"] for s in second if s["is_skipped"]],
    }


def bench(request: Request) -> dict[str, Any]:
    """The line, delimited intake and graph load in one document."""
    request.progress("bench", "全流程（small）")
    line = _run(request.folder)
    request.progress("bench", "分隔文本接入")
    delimited = bench_delimited(request.folder)
    request.progress("bench", "图谱写入")
    graph = bench_graph(request.folder)
    targets = {
        "simulate_at_most_30_s": line["simulate_s"] <= SIMULATE_S,
        "run_at_most_180_s": line["run_s"] <= RUN_S,
        "run_at_most_4_gb": line["run_peak_with_graph_server_mib"] <= RUN_MIB,
        "second_run_skips_all": len(line["second_run_skipped"]) == len(line["stages"]) > 0,
        "delimited_memory_is_flat": delimited["memory_growth_mib"]
        <= GROWTH_SHARE * delimited["file_growth_mb"],
        "graph_load_within_factor_1_5": graph["is_within_factor"],
    }
    return {
        "bench": "line",
        "cores": os.cpu_count(),
        "line": line,
        "delimited": delimited,
        "graph": graph,
        "targets": targets,
        "targets_met": all(targets.values()),
    }
