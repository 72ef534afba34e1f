"""The pseudo-random inputs that the emulated board makes for itself, made a second time on the host."""

from __future__ import annotations

from typing import Final

SEED: Final = 2026
"""The seed of runs that name none; any but 0, from which nothing but 0 follows."""


def xorshift_inputs(seed: int, count: int, size: int) -> list[bytes]:
    """So many inputs of `size` bytes: the upper bytes of one 32-bit xorshift, as the harness makes them.

    G. Marsaglia, Xorshift RNGs (2003), the triple 13, 17, 5.
    """
    state, made = seed, bytearray()
    for _ in range(count * size):
        state ^= state << 13 & 0xFFFFFFFF
        state ^= state >> 17
        state ^= state << 5 & 0xFFFFFFFF
        made.append(state >> 24)
    return [bytes(made[i * size : (i + 1) * size]) for i in range(count)]
