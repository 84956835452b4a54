"""The application: routes, console, errors as problem details, and what every request carries."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.staticfiles import StaticFiles

from api.console import register as register_console
from api.metrics import Measured, Metrics
from api.problems import register_problems
from api.routes import (
    cypher,
    entities,
    findings,
    health,
    judgements,
    leads,
    match,
    models,
    queries,
    session,
    subgraph,
)
from api.security import SecurityHeaders
from api.services import Services
from api.settings import Settings
from api.shapes.problem import ProblemShape
from api.version import program_version

ROUTES = (
    session, entities, match, judgements, subgraph, findings, models, leads, queries, cypher,
    health,
)  # fmt: skip


def create_app(settings: Settings, services: Services | None = None) -> FastAPI:
    """The application for one workspace.

    Parameters
    ----------
    settings
        Settings of the installation.
    services
        Stores and files that requests use, closed by whoever opened them; without it they are
        opened on start and closed at the end.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if services is not None:
            yield
            return
        app.state.services = Services.open(settings)
        try:
            yield
        finally:
            app.state.services.close()

    app = FastAPI(
        title="警环 jinghuan",
        version=program_version(),
        summary="多部门环境数据的主体归并、关系图谱与线索",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.metrics = Metrics()
    if services is not None:
        app.state.services = services
    register_problems(app)
    for route in ROUTES:
        app.include_router(route.router)
    app.mount("/static", StaticFiles(directory=str(files("viz") / "static")), name="static")
    register_console(app)
    app.add_middleware(Measured, metrics=app.state.metrics)
    app.add_middleware(SecurityHeaders)
    # Replacing the method is the way that the library documents.
    vars(app)["openapi"] = lambda: _openapi(app)
    return app


def _openapi(app: FastAPI) -> dict[str, Any]:
    """The published schema: the API's routes, with the one form that errors have."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            summary=app.summary,
            description="错误一律为 application/problem+json；列表用 after 续页；时间为 RFC 3339。",
            routes=app.routes,
        )
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas["ProblemShape"] = ProblemShape.model_json_schema()
        app.openapi_schema = document
    return app.openapi_schema
