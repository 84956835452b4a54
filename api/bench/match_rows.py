"""``jinghuan bench match``: single rows against the demo's organisations, and a batch of them.

Target (issue of entity resolution): p99 below 50 ms per row. Every row is asked on its own, as a
program does that looks up one name, and goes through the caller's rights and the audit trail.
"""

import os
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np

from api.bench.measure import run_program
from api.bench.request import Request
from api.identity.caller import Caller
from api.identity.roles import ROLES
from api.reading.match import MOST_ROWS, match_rows
from api.services import Services
from api.settings import load_settings
from ingest.resolve.match_pairs import MatchQuery

P99_MS = 50.0
ROWS = 1_000
WARM = 20
# Records as they were delivered, every hundredth or so, in an order that no value decides.
SAMPLE = """
SELECT clean, raw_code, phone, person, address,
    CASE WHEN delivered_city = '' THEN '' ELSE delivered_city || '00' END, entity_id
FROM resolve_record WHERE kind = 'organization' AND row_count > 0
ORDER BY md5(record::VARCHAR) LIMIT $rows
"""
COUNT = "SELECT count(*) FROM resolve_record WHERE kind = 'organization'"


def bench(request: Request) -> dict[str, Any]:
    """Time per row, and how often the best candidate is the row's own entity."""
    workspace = request.folder / "match"
    _prepare(request, workspace)
    services = Services.open(load_settings(workspace))
    try:
        caller = Caller("bench", ROLES["analyst"], "bench")
        with services.sql() as sql:
            lines = sql.execute(SAMPLE, {"rows": ROWS}).fetchall()
            records = sql.execute(COUNT).fetchall()[0][0]
        queries = [MatchQuery(*map(str, line[:6])) for line in lines]
        started = perf_counter()
        match_rows(services, caller, queries[:1])
        first_s = perf_counter() - started
        request.progress("bench", f"逐行比对 {len(queries)} 行")
        spent, worked, own = [], [], 0
        for query, line in zip(queries, lines, strict=True):
            started, busy = perf_counter(), process_time()
            found = match_rows(services, caller, [query]).items[0]
            spent.append((perf_counter() - started) * 1_000)
            worked.append((process_time() - busy) * 1_000)
            own += bool(found.candidates) and found.candidates[0].entity_id == line[6]
        started = perf_counter()
        match_rows(services, caller, queries[:MOST_ROWS])
        batch_s = perf_counter() - started
    finally:
        services.close()
    p50, p99 = (round(float(np.percentile(spent[WARM:], share)), 2) for share in (50, 99))
    targets = {"p99_below_50_ms": p99 < P99_MS, "own_entity_first": own == len(lines)}
    return {
        "bench": "match",
        "cores": os.cpu_count(),
        "records": int(records),
        "rows": len(lines),
        "first_row_with_index_s": round(first_s, 2),
        "p50_ms": p50,
        "p99_ms": p99,
        "most_ms": round(max(spent[WARM:]), 2),
        # What the processor worked on a row: the figure that other programs on it do not touch.
        "cpu_p99_ms": round(float(np.percentile(worked[WARM:], 99)), 2),
        "batch_rows_per_s": round(len(lines) / batch_s),
        "own_entity_first": own,
        "targets": targets,
        "targets_met": all(targets.values()),
    }


def _prepare(request: Request, workspace: Path) -> None:
    """The demo's data, resolved."""
    truth = request.folder / "match-truth.json"
    inbox = ["--size", "small", "--seed", "1", "--truth", str(truth)]
    for arguments in (
        ["simulate", str(workspace / "inbox"), *inbox],
        ["ingest", "--workspace", str(workspace), "--quiet"],
        ["resolve", "--workspace", str(workspace), "--quiet"],
    ):
        request.progress("bench", arguments[0])
        made = run_program(arguments)
        if made.exit_code not in (0, 1):
            raise RuntimeError(f"jinghuan {arguments[0]} 失败：{made.output[-500:]}")
