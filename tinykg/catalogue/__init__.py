"""The built-in records and how they become the first graphs of a registry."""
