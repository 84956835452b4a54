"""The graph: ontology, border types, client, embedded server, writer."""
