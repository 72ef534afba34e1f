"""The graph database behind one small protocol."""
