"""Errors of queries.

QueryError
├── UnknownQuery      the catalogue has no query of that name
├── ParameterError    a parameter is missing, unknown or of the wrong type
├── CatalogueError    a catalogue file is malformed (a defect of the product)
└── Forbidden         the guard refuses an investigator's Cypher, with the reason
"""


class QueryError(Exception):
    """Root of what can go wrong with queries; the message names object, cause and cure."""


class UnknownQuery(QueryError):
    """The catalogue has no query of that name."""


class ParameterError(QueryError):
    """A parameter is missing, unknown or of the wrong type."""


class CatalogueError(QueryError):
    """A catalogue file is malformed."""


class Forbidden(QueryError):
    """The guard refuses a statement."""
