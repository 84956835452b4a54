"""The HTTP routes, one file per resource; what they answer with is in ``api.shapes``."""
