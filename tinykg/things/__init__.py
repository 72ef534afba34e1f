"""W3C Thing Descriptions and Thing Models: reading, checking, RDF, derivation."""
