"""Records <-> triples, without side effects."""
