"""Errors of ingest.

IngestError
├── SourceError   one file cannot be taken in; the others go on
├── ResolveError  entities cannot be told apart because an input is missing
└── LoadError     something handed over for the graph has no place there
"""


class IngestError(Exception):
    """Root of what can go wrong in ingest; the message names object, cause and cure."""


class SourceError(IngestError):
    """A file is refused; ``code`` is one of the refusal codes of the drop contract."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class ResolveError(IngestError):
    """Resolution cannot run."""


class LoadError(IngestError):
    """Something cannot be brought into the graph."""
