"""What people decide: one function per act, used by HTTP, console and command line alike.

Each takes the services and the caller, refuses what the role may not or what contradicts what
stands, writes the audit line, and then the decision into ``state/``.
"""
