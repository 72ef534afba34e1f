"""Time and energy of an inference, estimated from published measurements, with an interval or the missing fact."""
