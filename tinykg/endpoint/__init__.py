"""SPARQL for strangers: protocol, graph store, and workers that can be stopped."""
