"""The application: routes, console, errors as problem details, and what every request carries."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.resources import files

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from api.console import register as register_console
from api.problems import register_problems
from api.routes import (
    cypher,
    entities,
    findings,
    health,
    leads,
    models,
    queries,
    session,
    subgraph,
)
from api.services import Services
from api.settings import Settings


def create_app(settings: Settings, services: Services | None = None) -> FastAPI:
    """The application for one workspace.

    Parameters
    ----------
    settings
        Settings of the installation.
    services
        Stores and files that requests use; without it they are opened on start and closed at
        the end.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.services = services or Services.open(settings)
        try:
            yield
        finally:
            app.state.services.close()

    app = FastAPI(
        title="警环 jinghuan",
        version="1",
        summary="多部门环境数据的主体归并、关系图谱与线索",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    register_problems(app)
    for route in (
        session,
        entities,
        subgraph,
        findings,
        models,
        leads,
        queries,
        cypher,
    ):
        app.include_router(route.router, prefix="/api/v1")
    app.include_router(health.router)
    app.mount("/static", StaticFiles(directory=str(files("viz") / "static")), name="static")
    register_console(app)
    return app


AppFactory = Callable[[], FastAPI]
