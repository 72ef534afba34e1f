"""What reference kernels keep besides where TensorFlow Lite Micro is built with tensor compression.

Source: `USE_TFLM_COMPRESSION` in tensorflow/lite/micro/kernels. Most kernels only have a
larger struct, which is the ABI's matter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tinykg.footprint.preparation import Preparation


def init_assign_variable(layer: Preparation) -> None:
    """ASSIGN_VARIABLE: the number of a scratch buffer; other builds keep nothing."""
    layer.persist_kernel_data("assign_variable")
