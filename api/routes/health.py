"""Whether the program lives, whether its stores answer, and figures for monitoring."""

import duckdb
import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from api.identity.sessions import ServicesOf
from api.metrics import CONTENT_TYPE, Metrics
from api.shapes.health import HealthShape
from graph.errors import GraphError

router = APIRouter(tags=["运行 operations"])
log = structlog.get_logger()


@router.get("/healthz", response_model=HealthShape, summary="进程存活 alive")
def alive() -> HealthShape:
    """The process answers."""
    return HealthShape(status="ok", checks={"process": "ok"})


@router.get(
    "/readyz",
    response_model=HealthShape,
    summary="存储可用 ready",
    responses={503: {"model": HealthShape, "description": "有存储不可用 a store does not answer"}},
)
def ready(services: ServicesOf) -> Response:
    """The lake can be read and the graph answers."""
    checks = {"lake": "ok", "graph": "ok"}
    try:
        with services.sql() as sql:
            sql.execute("SELECT count(*) FROM batch_ledger").fetchall()
    except (OSError, duckdb.Error) as error:
        checks["lake"] = "unavailable"
        log.warning("not ready", store="lake", reason=str(error))
    try:
        services.graph.read("RETURN 1 AS one", timeout_s=5.0)
    except GraphError as error:
        checks["graph"] = "unavailable"
        log.warning("not ready", store="graph", reason=str(error))
    is_ready = all(value == "ok" for value in checks.values())
    shape = HealthShape(status="ok" if is_ready else "unavailable", checks=checks)
    return JSONResponse(shape.model_dump(), status_code=200 if is_ready else 503)


@router.get(
    "/metrics",
    summary="监控指标 metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}, "description": "Prometheus"}},
)
def metrics(request: Request) -> Response:
    """Figures in Prometheus' text form."""
    figures: Metrics = request.app.state.metrics
    return Response(figures.text(), media_type=CONTENT_TYPE)
