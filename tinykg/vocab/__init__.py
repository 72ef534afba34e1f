"""Names of RDF terms: the generated ones of TinyKG, and the few of other vocabularies in use."""
