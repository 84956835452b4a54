"""Errors of casework.

CaseworkError
├── UnknownLead        no lead has that number
└── TransitionRefused  a step is not allowed now; the message says what is missing
"""


class CaseworkError(Exception):
    """Root of what can go wrong in casework; the message names object, cause and cure."""


class UnknownLead(CaseworkError):
    """No lead has that number."""


class TransitionRefused(CaseworkError):
    """A step is not allowed now; the message says what is missing."""
