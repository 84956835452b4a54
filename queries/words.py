"""Words of Cypher as the gate knows them: what may begin, join and be called."""


def words(text: str) -> frozenset[str]:
    """Words of a text, in capitals or not as they stand."""
    return frozenset(text.split())


# Words that begin a clause: nothing else may stand at the start, after UNION or in a subquery.
STARTS = words("MATCH OPTIONAL UNWIND WITH RETURN")
# Words that may follow a finished expression or pattern.
JOINTS = STARTS | words(
    """WHERE ORDER SKIP LIMIT UNION AS AND OR XOR IN IS STARTS ENDS CONTAINS NOT CASE WHEN THEN ELSE
    END ASC ASCENDING DESC DESCENDING BY DISTINCT ALL NULL"""
)
OPERAND_WORDS = words("NULL TRUE FALSE END")
KEYWORDS = JOINTS | OPERAND_WORDS | words("EXISTS COUNT COLLECT")
# Said by name, since people expect them to work.
FORBIDDEN = words(
    """CREATE MERGE SET DELETE DETACH NODETACH REMOVE DROP FOREACH CALL YIELD LOAD CSV USE SHOW
    TERMINATE ALTER GRANT DENY REVOKE START STOP EXPLAIN PROFILE CYPHER PERIODIC COMMIT INSERT
    FINISH LET FILTER TRANSACTION TRANSACTIONS DATABASE DATABASES CONSTRAINT INDEX ENABLE DEALLOCATE
    RENAME SHORTEST ALLSHORTESTPATHS USING NEXT OFFSET FOR"""
)
FUNCTIONS = words(
    """count collect sum avg min max stdev percentilecont percentiledisc size length head last
    tail range reverse keys labels type properties id nodes relationships startnode endnode
    coalesce tostring tointeger tofloat toboolean tolower toupper trim ltrim rtrim replace
    substring left right split abs ceil floor round sign sqrt exists any all none single reduce
    date datetime duration time localdatetime point shortestpath isempty"""
)
DOTTED_FUNCTIONS = frozenset({"point.distance", "duration.between", "duration.indays"})
SUBQUERIES = frozenset({"EXISTS", "COUNT", "COLLECT"})
QUANTIFIERS = frozenset({"any", "all", "none", "single"})
