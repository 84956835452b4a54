"""Errors of detection.

AnalyticsError
├── UnknownModel   a model id that the registry does not have
├── NoEvents       nothing in the lake tells on which day it stands
└── DraftError     a model returned something that cannot become a finding
"""


class AnalyticsError(Exception):
    """Root of what can go wrong in detection; the message names object, cause and cure."""


class UnknownModel(AnalyticsError):
    """A model id that the registry does not have."""


class NoEvents(AnalyticsError):
    """Nothing in the lake tells on which day it stands."""


class DraftError(AnalyticsError):
    """A model returned something that cannot become a finding."""
