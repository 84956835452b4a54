"""Errors as RFC 9457 problem details, and how routes document them."""

from typing import Any

from api.shapes.body import Shape

PROBLEM_ZH = {
    400: "请求体无法解析",
    401: "需要登录，或登录已失效",
    403: "角色不允许，或缺少查询目的",
    404: "没有这个对象，或不在调用者可见范围内",
    409: "与现状矛盾，或不会带来任何改变",
    422: "参数或内容不符合接口说明",
    502: "图数据库未能执行语句",
    503: "图数据库或数据湖暂不可用",
}


class ProblemShape(Shape):
    """An error as RFC 9457 problem details; ``detail`` says object, cause and cure."""

    type: str
    title: str
    status: int
    detail: str
    reference: str | None = None
    errors: list[dict[str, str]] | None = None


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Documentation of the errors that a route answers with, besides its answer."""
    return {
        status: {
            "description": PROBLEM_ZH[status],
            "content": {
                "application/problem+json": {
                    "schema": {"$ref": "#/components/schemas/ProblemShape"}
                }
            },
        }
        for status in statuses
    }


READ = problems(401, 403, 422, 503)
READ_ONE = problems(401, 403, 404, 422, 502, 503)
DECIDE = problems(400, 401, 403, 404, 409, 422, 503)
ASK = problems(400, 401, 403, 404, 422, 502, 503)
