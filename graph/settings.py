"""What the graph client needs to know; the door builds it, nothing here reads the environment."""

from dataclasses import dataclass, field

from graph.errors import BadSettings

SCHEMES = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")


@dataclass(frozen=True, slots=True)
class GraphSettings:
    """Where the graph store is and how to use it.

    Parameters
    ----------
    uri
        ``bolt://…`` or ``neo4j://…``; empty means the embedded server of the workspace.
    user, password, database
        Sign-in and database of a Neo4j server; the embedded server has its own.
    java_heap
        Heap of the embedded server in the notation of ``java -Xmx``.
    start_timeout_s
        Longest wait for the embedded server to get ready.
    connect_timeout_s
        Longest wait for a connection to a server.
    write_timeout_s
        Longest a single write statement may run.

    Raises
    ------
    BadSettings
        When ``uri`` has a scheme that is not Bolt.
    """

    uri: str = ""
    user: str = "neo4j"
    password: str = field(default="", repr=False)
    database: str = "neo4j"
    java_heap: str = "1g"
    start_timeout_s: float = 60.0
    connect_timeout_s: float = 5.0
    write_timeout_s: float = 120.0

    def __post_init__(self) -> None:
        if self.uri and self.uri.split("://", 1)[0] not in SCHEMES:
            raise BadSettings(
                f"图数据库地址 {self.uri!r} 不是 Bolt 地址；请写成 bolt://主机:7687"
                " 或 neo4j://主机:7687，留空则使用内置图数据库"
            )

    @property
    def is_embedded(self) -> bool:
        """Whether the workspace's own server is meant."""
        return not self.uri
