"""Answers as text and as JSON, without side effects."""
