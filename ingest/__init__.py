"""From agency files to records, entities and graph."""
