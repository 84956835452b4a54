"""Bodies of requests and answers as the published schema shows them, one file per resource.

An answer is read from a dataclass of ``api.reading``, and only fields that stand here go out: a
field that is added there stays inside until it is published here.
"""
