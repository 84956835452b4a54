"""Errors of the door, and which exit code the command line gives for each kind of error.

DoorError
├── Busy         another run holds the workspace
├── PortTaken    the address to serve on is in use
└── DiskFull     the disk of the workspace has no room
"""


class DoorError(Exception):
    """Root of what can go wrong at the door; the message names object, cause and cure."""


class Busy(DoorError):
    """Another run holds the workspace."""


class PortTaken(DoorError):
    """The address to serve on is in use."""


class DiskFull(DoorError):
    """The disk of the workspace has no room for what a stage writes."""
