"""The shell's door: a command parses, calls the registry, prints."""
