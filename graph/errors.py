"""Errors of the graph store.

GraphError
├── StoreUnreachable      no answer from the store (the command line exits with 3)
│   ├── EmbeddedMissing   no server is configured and the embedded one is not installed
│   ├── EmbeddedFailed    the embedded server would not start or did not get ready
│   └── SignInFailed      user, password or database is not accepted
├── StatementFailed       the store refused or aborted a statement
│   ├── StatementTimedOut it ran longer than allowed
│   ├── WriteRefused      a statement that may only read tried to change something
│   └── ConstraintViolated two nodes would share a key
├── BadSettings           the settings cannot name a store
├── BadRow                a row cannot be stored: no id, or a value that no store holds
└── UnknownTerm           a label, relationship type or property that the ontology does not have
"""


class GraphError(Exception):
    """Root of what can go wrong with the graph; the message names object, cause and cure."""


class StoreUnreachable(GraphError):
    """The store does not answer."""


class EmbeddedMissing(StoreUnreachable):
    """No server is configured and the embedded one is not installed."""


class EmbeddedFailed(StoreUnreachable):
    """The embedded server would not start or did not get ready."""


class SignInFailed(StoreUnreachable):
    """User, password or database is not accepted."""


class StatementFailed(GraphError):
    """The store refused or aborted a statement."""


class StatementTimedOut(StatementFailed):
    """A statement ran longer than it was allowed to."""


class WriteRefused(StatementFailed):
    """A statement that may only read tried to change something."""


class ConstraintViolated(StatementFailed):
    """Two nodes would share a key."""


class BadSettings(GraphError):
    """The settings cannot name a store."""


class BadRow(GraphError):
    """A row cannot be stored: no id, or a value that no store holds."""


class UnknownTerm(GraphError):
    """A label, relationship type or property that the ontology does not have."""
