"""Time and energy of an inference, from published measurements, with an interval or the missing fact."""
