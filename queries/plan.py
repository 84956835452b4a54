"""What Neo4j itself says about a statement, as a second gate behind the tokenizer.

The type alone is not enough: loading files and showing users are reads to it (docs/neo4j.md). So
every operator of the plan must belong to a family that reads the graph.
"""

import re

from graph.client import Plan
from queries.errors import Forbidden

READING = re.compile(
    r"""ProduceResults|Argument|Input|Projection|CacheProperties|NullifyMetadata|Unwind|Eager
    |(?:Partitioned|Multi|Directed|Undirected|Intersection|Subtraction|Union|Dynamic)*
     (?:AllNodes|Node|Nodes|Relationship|Relationships|AllRelationships)\w*(?:Scan|Seek)\w*
    |\w*Expand(?:\(\w+\))?|\w*Filter|\w*Apply|\w*Join\w*|CartesianProduct|\w*Aggregation|\w*Distinct
    |\w*Limit|Skip|\w*Sort|\w*Top\w*|\w*Union|Optional\w*|(?:\w*ShortestPath\w*)(?:\(\w+\))?|\w*FromCountStore
    |EmptyResult|EmptyRow|Trail|\w*Repeat\w*|TriadicSelection|TriadicBuild|TriadicFilter|Anti
    |AssertSameNode|AssertSameRelationship|ValueHashJoin|LetSelectOrSemiApply""",
    re.VERBOSE,
)


def check_plan(plan: Plan) -> None:
    """Refuse a plan that does more than read the graph.

    Raises
    ------
    Forbidden
    """
    if plan.query_type != "r":
        raise Forbidden("图数据库判定这条语句不是只读查询；只能读取图谱（MATCH … RETURN …）")
    for name in plan.operators:
        if not READING.fullmatch(name):
            raise Forbidden(f"图数据库将执行 {name}，不在允许的读取操作之列")
