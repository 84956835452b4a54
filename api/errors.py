"""Errors of the door, and which exit code the command line gives for each kind of error.

DoorError
├── Busy         another run holds the workspace
├── PortTaken    the address to serve on is in use
├── DiskFull     the disk of the workspace has no room
├── Unauthorized nobody is signed in
├── Forbidden    the role may not do this, or a purpose is missing
├── Refused      what was asked contradicts what stands
└── NotFound     no such object, or none within the caller's reach
"""


class DoorError(Exception):
    """Root of what can go wrong at the door; the message names object, cause and cure."""


class Busy(DoorError):
    """Another run holds the workspace."""


class PortTaken(DoorError):
    """The address to serve on is in use."""


class DiskFull(DoorError):
    """The disk of the workspace has no room for what a stage writes."""


class Unauthorized(DoorError):
    """Nobody is signed in."""


class Forbidden(DoorError):
    """The role may not do this, or a purpose is missing."""


class Refused(DoorError):
    """What was asked contradicts what stands, or would change nothing."""


class NotFound(DoorError):
    """No such object, or none within the caller's reach."""
