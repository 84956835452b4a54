"""Errors of the record store.

RecordsError
├── WorkspaceError     a folder or file of the workspace cannot be used
├── LedgerError        the intake ledger and the lake disagree
└── RebuildRefused     inbox files that the ledger names are missing
"""


class RecordsError(Exception):
    """Root of what can go wrong with records; the message names object, cause and cure."""


class WorkspaceError(RecordsError):
    """A folder or file of the workspace cannot be used."""


class LedgerError(RecordsError):
    """The ledger and the lake disagree in a way that a new run cannot mend."""


class RebuildRefused(RecordsError):
    """The lake is gone and inbox files needed to build it again are missing."""
