"""Entities, documents and flows from the lake into the graph."""
