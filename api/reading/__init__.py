"""What people read: one function per question, used by HTTP, console and command line alike.

Each takes the services and the caller, refuses or leaves out what the caller may not see, writes
the audit line where one is due, and gives frozen dataclasses.
"""
