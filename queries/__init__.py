"""Catalogue of Cypher queries, read-only guard and runner."""
