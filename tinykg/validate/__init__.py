"""The SHACL gate: nothing enters a store without passing it."""
