"""Bodies of requests and answers as the published schema shows them."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

Short = Annotated[str, StringConstraints(max_length=200)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Shape(BaseModel):
    """A body; answers are read from our own dataclasses."""

    model_config = ConfigDict(from_attributes=True)


class ProblemShape(Shape):
    """An error as RFC 9457 problem details; ``detail`` says object, cause and cure."""

    type: str
    title: str
    status: int
    detail: str
    reference: str | None = None
    errors: list[dict[str, str]] | None = None


class SignIn(Shape):
    """User name and password."""

    model_config = ConfigDict(extra="forbid")

    user: Id
    password: Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class SessionShape(Shape):
    """A token and whom it stands for; ``expires_at`` is RFC 3339."""

    token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the name of a scheme
    expires_at: str
    user: str
    role: str
    role_title_zh: str


class WhoShape(Shape):
    """Who is signed in, and what the caller reads with the purpose given."""

    user: str
    role: str
    role_title_zh: str
    purpose: str
    case_no: str
    level: str
    may_query: bool


class FoundShape(Shape):
    """An entity that a search found."""

    entity_id: str
    label: str
    kind: str
    name: str
    matched: str
    score: float
    level: str
    code: str
    division_code: str


class SearchShape(Shape):
    """Entities, best first."""

    items: list[FoundShape]
    has_more: bool


class NodeShape(Shape):
    """A node of the graph; ``name`` is what to write on it."""

    id: str
    label: str
    name: str
    role: str
    properties: dict[str, JsonValue]


class EdgeShape(Shape):
    """Relationships of one type between two nodes, with counts, sums and times."""

    source: str
    target: str
    type: str
    properties: dict[str, JsonValue]


class SubgraphShape(Shape):
    """Nodes and edges for drawing; ``left_out`` counts what did not fit, by label."""

    nodes: list[NodeShape]
    edges: list[EdgeShape]
    left_out: dict[str, int]


class StatementShape(Shape):
    """A name or identifier as some rows of one dataset give it."""

    kind: str
    value: str
    dataset: str
    dataset_zh: str
    agency_zh: str
    role: str
    level: str
    rows: int
    reference: str
    is_masked: bool


class SourceShape(Shape):
    """How many rows of a dataset name the entity, in which role."""

    dataset: str
    dataset_zh: str
    agency_zh: str
    role: str
    rows: int
    batches: int


class FindingHeadShape(Shape):
    """A finding in one line."""

    finding_id: str
    model: str
    grade: int
    status: str
    title: str
    window_from: str
    window_to: str


class LeadShape(Shape):
    """A lead as lists show it."""

    lead_no: str
    finding_id: str
    model: str
    grade: int
    state: str
    title: str
    division_code: str | None
    window_to: str
    score: float
    opened_on: str
    owner: str | None
    is_corrected: bool


class EntityShape(Shape):
    """An entity with its sources; ``withheld`` names parts that the caller may not read."""

    entity_id: str
    asked_id: str
    label: str
    kind: str
    name: str
    level: str
    properties: dict[str, JsonValue]
    names: list[StatementShape]
    identifiers: list[StatementShape]
    sources: list[SourceShape]
    findings: list[FindingHeadShape]
    leads: list[LeadShape]
    aliases: list[str]
    withheld: list[str]


class TieCountShape(Shape):
    """How many neighbours one kind of relationship leads to."""

    type: str
    type_zh: str
    label: str
    label_zh: str
    is_out: bool
    neighbours: int
    relationships: int


class TieShape(Shape):
    """One neighbour by one kind of relationship."""

    node: NodeShape
    type: str
    is_out: bool
    relationships: int
    sources: int
    first_at: str | None
    last_at: str | None


class NeighbourhoodShape(Shape):
    """Counts of all ties, and one page of neighbours."""

    entity: NodeShape
    counts: list[TieCountShape]
    items: list[TieShape]
    next: str | None


class WayShape(Shape):
    """One way between two objects."""

    nodes: list[NodeShape]
    edges: list[EdgeShape]


class WaysShape(Shape):
    """The shortest ways; ``is_exhausted`` says that the search looked everywhere within reach."""

    hops: int | None
    ways: list[WayShape]
    has_more: bool
    is_exhausted: bool


class FindingsShape(Shape):
    """A page of findings in their published form."""

    items: list[dict[str, JsonValue]]
    next: str | None
    total: int


class LeadsShape(Shape):
    """A page of leads."""

    items: list[LeadShape]
    next: str | None
    total: int


class EvidenceShape(Shape):
    """A row as the agency delivered it, L4 cells masked."""

    reference: str
    role: str
    dataset: str
    dataset_zh: str
    agency_zh: str
    path: str
    sheet: str | None
    line: int | None
    cells: dict[str, str | None]
    is_current: bool


class EventShape(Shape):
    """A step of a lead's history."""

    position: int
    at: str
    actor: str
    event: str
    from_state: str
    to_state: str
    note: str


class LawShape(Shape):
    """An article that may apply if the facts are confirmed."""

    ref_id: str
    citation: str
    gist_en: str


class LeadFileShape(Shape):
    """One lead with everything that it rests on."""

    lead: LeadShape
    finding: dict[str, JsonValue]
    evidence: list[EvidenceShape]
    events: list[EventShape]
    law: list[LawShape]
    has_legal_gap: bool


class ModelInputShape(Shape):
    """A dataset that a model reads, and how fresh it is."""

    dataset: str
    dataset_zh: str
    is_required: bool
    rows: int
    newest_at: str | None


class ModelParameterShape(Shape):
    """A threshold with its unit and where it comes from."""

    name: str
    value: JsonValue
    unit: str
    source: str
    author: str
    on: str


class ModelShape(Shape):
    """A model: what it looks for, what it needs, what it found."""

    id: str
    version: str
    name_zh: str
    name_en: str
    direction: str
    notice: str
    state: str
    looks_for: str
    innocent: str
    evidence: str
    inputs: list[ModelInputShape]
    parameters: list[ModelParameterShape]
    law: list[str]
    missing: list[str]
    findings: dict[str, int]


class ModelsShape(Shape):
    """All models."""

    items: list[ModelShape]


class ParameterShape(Shape):
    """A parameter of a catalogue query."""

    name: str
    type: str
    label: str
    default: str | None
    is_required: bool


class ColumnShape(Shape):
    """A column of a catalogue query's answer."""

    name: str
    type: str
    label: str


class QueryShape(Shape):
    """A catalogue query."""

    name: str
    title_zh: str
    title_en: str
    group: str
    purpose: str
    level: str
    parameters: list[ParameterShape]
    columns: list[ColumnShape]


class QueriesShape(Shape):
    """The catalogue."""

    items: list[QueryShape]


class QueryRequest(Shape):
    """Values of a query's parameters."""

    model_config = ConfigDict(extra="forbid")

    parameters: dict[Id, JsonValue] = Field(default_factory=dict)
    row_limit: Annotated[int, Field(ge=1, le=5000)] = 1000


class CypherRequest(Shape):
    """One reading statement; the purpose may stand here instead of in the header."""

    model_config = ConfigDict(extra="forbid")

    cypher: Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
    purpose: Short = ""
    row_limit: Annotated[int, Field(ge=1, le=5000)] = 1000


class AnswerShape(Shape):
    """Rows of an answer in column order."""

    title_zh: str
    columns: list[str]
    labels: list[str]
    rows: list[list[JsonValue]]
    is_truncated: bool
    seconds: float


class BriefingRequest(Shape):
    """Which lead, in which form: ``network`` is its interactive picture as one offline page."""

    model_config = ConfigDict(extra="forbid")

    lead_no: Id
    format: Literal["html", "docx", "pdf", "network", "svg"] = "html"


class HealthShape(Shape):
    """``ok`` and what was looked at."""

    status: Literal["ok", "unavailable"]
    checks: dict[str, str]


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


PROBLEM_ZH = {
    400: "请求体无法解析",
    401: "需要登录，或登录已失效",
    403: "角色不允许，或缺少查询目的",
    404: "没有这个对象，或不在调用者可见范围内",
    422: "参数或内容不符合接口说明",
    502: "图数据库未能执行语句",
    503: "图数据库或数据湖暂不可用",
}
READ = problems(401, 403, 422, 503)
READ_ONE = problems(401, 403, 404, 422, 502, 503)
ASK = problems(400, 401, 403, 404, 422, 502, 503)
