"""RAM and flash of a model file on a runtime."""

from tinykg.footprint.compute import footprint
from tinykg.footprint.runtime_file import load_runtime, load_runtimes

__all__ = ["footprint", "load_runtime", "load_runtimes"]
