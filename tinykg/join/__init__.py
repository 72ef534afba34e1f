"""What several sources say of one board -> one device type, each fact with who says it."""
