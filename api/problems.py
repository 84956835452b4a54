"""Errors as RFC 9457 problem details: one table from exception to status and title."""

from http import HTTPStatus
from typing import Any

import duckdb
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from analytics.errors import AnalyticsError
from api.errors import Forbidden, NotFound, Refused, Unauthorized
from api.identity.tokens import TokenRefused
from api.identity.users import SignInRefused
from api.log import report_unexpected
from api.security import API_HEADERS
from casework.errors import TransitionRefused, UnknownLead
from graph.errors import (
    GraphError,
    StatementFailed,
    StatementTimedOut,
    StoreUnreachable,
    UnknownTerm,
    WriteRefused,
)
from ingest.errors import IngestError
from queries.errors import Forbidden as CypherForbidden
from queries.errors import ParameterError, QueryError, UnknownQuery
from records.errors import RecordsError

STATUS_BY_ERROR: tuple[tuple[type[Exception], HTTPStatus, str], ...] = (
    (TokenRefused, HTTPStatus.UNAUTHORIZED, "需要登录"),
    (SignInRefused, HTTPStatus.UNAUTHORIZED, "登录未成功"),
    (Unauthorized, HTTPStatus.UNAUTHORIZED, "需要登录"),
    (Forbidden, HTTPStatus.FORBIDDEN, "没有权限"),
    (CypherForbidden, HTTPStatus.FORBIDDEN, "语句未获允许"),
    (NotFound, HTTPStatus.NOT_FOUND, "没有找到"),
    (UnknownLead, HTTPStatus.NOT_FOUND, "没有找到"),
    (UnknownQuery, HTTPStatus.NOT_FOUND, "没有找到"),
    (ParameterError, HTTPStatus.UNPROCESSABLE_ENTITY, "参数有误"),
    (TransitionRefused, HTTPStatus.CONFLICT, "当前不能执行这一步"),
    (Refused, HTTPStatus.CONFLICT, "与现状不符"),
    (StoreUnreachable, HTTPStatus.SERVICE_UNAVAILABLE, "图谱暂不可用"),
    (UnknownTerm, HTTPStatus.UNPROCESSABLE_ENTITY, "参数有误"),
    (WriteRefused, HTTPStatus.FORBIDDEN, "语句未获允许"),
    (StatementTimedOut, HTTPStatus.SERVICE_UNAVAILABLE, "查询超时"),
    (StatementFailed, HTTPStatus.UNPROCESSABLE_ENTITY, "语句未能执行"),
    (GraphError, HTTPStatus.BAD_GATEWAY, "图谱查询失败"),
    (QueryError, HTTPStatus.BAD_REQUEST, "查询有误"),
    (AnalyticsError, HTTPStatus.UNPROCESSABLE_ENTITY, "研判参数有误"),
    (IngestError, HTTPStatus.UNPROCESSABLE_ENTITY, "接入参数有误"),
    (RecordsError, HTTPStatus.INTERNAL_SERVER_ERROR, "数据湖异常"),
    (duckdb.IOException, HTTPStatus.SERVICE_UNAVAILABLE, "数据湖正在更新"),
)
PROBLEM = "application/problem+json"


def problem(status: int, title: str, detail: str, **more: Any) -> JSONResponse:
    """A problem document."""
    content = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    return JSONResponse(content, status_code=status, media_type=PROBLEM)


def describe(error: Exception) -> tuple[int, str, str]:
    """Status, title and detail for an exception of ours."""
    if isinstance(error, duckdb.IOException):
        # Its text names files of the server.
        return int(HTTPStatus.SERVICE_UNAVAILABLE), "数据湖正在更新", "请稍候几秒后重试"
    for kind, status, title in STATUS_BY_ERROR:
        if isinstance(error, kind):
            return int(status), title, str(error)
    return int(HTTPStatus.INTERNAL_SERVER_ERROR), "内部错误", ""


def register_problems(app: FastAPI) -> None:
    """Answer every error of the application with a problem document."""

    async def ours(_: Request, error: Exception) -> JSONResponse:
        status, title, detail = describe(error)
        return problem(status, title, detail)

    async def http(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)  # noqa: S101 - narrowed for the type checker
        phrase = HTTPStatus(error.status_code).phrase
        return problem(error.status_code, phrase, str(error.detail))

    async def invalid(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - narrowed as above
        errors = [
            {"at": ".".join(str(part) for part in item["loc"]), "message": item["msg"]}
            for item in error.errors()
        ]
        return problem(422, "请求有误", "请求的参数或内容不符合接口说明", errors=errors)

    async def unexpected(_: Request, error: Exception) -> JSONResponse:
        reference = report_unexpected(error)
        answer = problem(
            500, "内部错误", f"请把编号 {reference} 告诉系统管理员", reference=reference
        )
        # This answer is made outside of what adds the headers to all others.
        answer.headers.update(API_HEADERS)
        return answer

    for kind, _, _ in STATUS_BY_ERROR:
        app.add_exception_handler(kind, ours)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(Exception, unexpected)
