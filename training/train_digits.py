"""Train, convert and measure the four small models that TinyKG ships.

Three classify scikit-learn's handwritten digits, one classifies wave forms that
this script generates. Each .tflite file is measured on its held-out samples by
the TFLite interpreter, with the reference kernels, which compute what TensorFlow
Lite Micro's reference kernels compute. `README.md` has the package versions.

    python training/train_digits.py                 # train, write files and accuracy.json
    python training/train_digits.py --measure-only  # measure the files that are there
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import json
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"  # its kernels sum in an order that depends on the processor
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

if TYPE_CHECKING:
    from collections.abc import Callable

SEED = 2026
FOLDER = Path(__file__).resolve().parent.parent / "data" / "models" / "files"
REPORT = "accuracy.json"
PACKAGES = ("tensorflow-cpu", "keras", "numpy", "scikit-learn")

WAVES = ("sine", "square", "triangle", "noise")
WAVE_SAMPLES = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """Inputs as float32 in 0..1 or -1..1 with the batch first, and class numbers."""

    inputs: np.ndarray
    classes: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A data set in two parts that share no sample; `dataset` names the held-out part."""

    dataset: str
    training: Samples
    held_out: Samples


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """One network: its data, its layers, and the file names to convert it into.

    `scale_per_row` keeps the converter's default of one scale for each row of a
    dense layer's weights, which TensorFlow Lite Micro runs since September 2024
    and some optimized kernels do not.
    """

    split: Callable[[], Split]
    layers: Callable[[], list[Any]]
    epochs: int
    files: tuple[str, ...]
    scale_per_row: bool = False


def digits() -> Split:
    """The 1,797 images of 8x8 grey levels 0..16, divided by 16; a stratified quarter is held out."""
    data = load_digits()
    images = (data.images / 16.0).astype(np.float32)[..., np.newaxis]
    parts = train_test_split(images, data.target, test_size=450, random_state=SEED, stratify=data.target)
    training_images, held_out_images, training_classes, held_out_classes = parts
    return Split(
        dataset="scikit-learn digits, 450 held-out images",
        training=Samples(inputs=training_images, classes=training_classes),
        held_out=Samples(inputs=held_out_images, classes=held_out_classes),
    )


def wave(kind: str, random: np.random.Generator) -> np.ndarray:
    """64 samples of one wave form: 2 to 6 periods, any phase, amplitude 0.4 to 1, noise of sigma 0.1."""
    periods, start = random.uniform(2.0, 6.0), random.uniform(0.0, 1.0)
    turn = start + periods * np.arange(WAVE_SAMPLES) / WAVE_SAMPLES
    shapes = {
        "sine": np.sin(2 * np.pi * turn),
        "square": np.sign(np.sin(2 * np.pi * turn)),
        "triangle": 4 * np.abs(turn % 1.0 - 0.5) - 1,
        "noise": random.uniform(-1.0, 1.0, WAVE_SAMPLES),
    }
    noisy = random.uniform(0.4, 1.0) * shapes[kind] + random.normal(0.0, 0.1, WAVE_SAMPLES)
    return np.clip(noisy, -1.0, 1.0)


def waves() -> Split:
    """3,000 generated windows to train on and 1,000 that are held out, four classes in equal parts."""
    random = np.random.default_rng(SEED)
    classes = np.arange(4_000) % len(WAVES)
    windows = np.stack([wave(WAVES[number], random) for number in classes]).astype(np.float32)[
        ..., np.newaxis
    ]
    return Split(
        dataset="generated wave forms, 1000 held-out windows",
        training=Samples(inputs=windows[:3_000], classes=classes[:3_000]),
        held_out=Samples(inputs=windows[3_000:], classes=classes[3_000:]),
    )


def cnn_layers() -> list[Any]:
    """Two 3x3 convolutions with max pooling, then ten classes."""
    layers = tf.keras.layers
    return [
        layers.Conv2D(8, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(16, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(10, activation="softmax"),
    ]


def depthwise_layers() -> list[Any]:
    """A 3x3 convolution, two depthwise separable ones and an average over the image."""
    layers = tf.keras.layers
    return [
        layers.Conv2D(16, 3, padding="same", activation="relu"),
        layers.DepthwiseConv2D(3, strides=2, padding="same", activation="relu"),
        layers.Conv2D(24, 1, activation="relu"),
        layers.DepthwiseConv2D(3, padding="same", activation="relu"),
        layers.Conv2D(32, 1, activation="relu"),
        layers.AveragePooling2D(4),
        layers.Flatten(),
        layers.Dense(10, activation="softmax"),
    ]


def mlp_layers() -> list[Any]:
    """Three fully connected layers over the 64 pixels."""
    layers = tf.keras.layers
    return [
        layers.Flatten(),
        layers.Dense(32, activation="relu"),
        layers.Dense(16, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ]


def wave_layers() -> list[Any]:
    """Two 1-D convolutions with stride 2 and a mean over time, then four classes."""
    layers = tf.keras.layers
    return [
        layers.Conv1D(8, 7, strides=2, padding="same", activation="relu"),
        layers.Conv1D(16, 5, strides=2, padding="same", activation="relu"),
        layers.GlobalAveragePooling1D(),
        layers.Dense(len(WAVES), activation="softmax"),
    ]


RECIPES = (
    Recipe(split=digits, layers=cnn_layers, epochs=40, files=("digits_cnn_int8", "digits_cnn_float32")),
    Recipe(split=digits, layers=depthwise_layers, epochs=80, files=("digits_dscnn_int8",)),
    Recipe(split=digits, layers=mlp_layers, epochs=60, files=("digits_mlp_int8",), scale_per_row=True),
    Recipe(split=waves, layers=wave_layers, epochs=60, files=("waves_cnn1d_int8",)),
)


def train(recipe: Recipe, split: Split) -> Any:
    """A trained Keras model; the same seeds for each recipe, whatever ran before it."""
    tf.keras.utils.set_random_seed(SEED)
    shape = split.training.inputs.shape[1:]
    model = tf.keras.Sequential([tf.keras.layers.Input(shape), *recipe.layers()])
    model.compile(optimizer=tf.keras.optimizers.Adam(0.003), loss="sparse_categorical_crossentropy")
    model.fit(split.training.inputs, split.training.classes, epochs=recipe.epochs, batch_size=32, verbose=0)
    return model


def convert(model: Any, calibration: np.ndarray, *, quantize: bool, scale_per_row: bool) -> bytes:
    """A .tflite file of batch 1; with `quantize` all of it int8, calibrated on `calibration`."""
    with tempfile.TemporaryDirectory() as folder:
        signature = tf.TensorSpec([1, *calibration.shape[1:]], tf.float32, name="input")
        model.export(folder, input_signature=[signature], verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        if quantize:
            demand_int8(converter, calibration, scale_per_row=scale_per_row)
        return bytes(converter.convert())


def demand_int8(converter: Any, calibration: np.ndarray, *, scale_per_row: bool) -> None:
    """Set the converter to int8 weights, activations, input and output; anything else is an error."""
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.representative_dataset = lambda: ([sample[np.newaxis]] for sample in calibration)
    converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.int8
    # TensorFlow Lite Micro's own error message recommends this flag, which has no public name.
    converter._experimental_disable_per_channel_quantization_for_dense_layers = not scale_per_row  # noqa: SLF001


def count_correct(file_bytes: bytes, samples: Samples) -> int:
    """How many samples the .tflite file classifies rightly, run one by one on the reference kernels."""
    interpreter = tf.lite.Interpreter(
        model_content=file_bytes,
        experimental_op_resolver_type=tf.lite.experimental.OpResolverType.BUILTIN_REF,
        num_threads=1,
    )
    interpreter.allocate_tensors()
    source, sink = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    correct = 0
    for sample, expected in zip(samples.inputs, samples.classes, strict=True):
        value = sample[np.newaxis]
        if source["dtype"] is np.int8:
            scale, zero_point = source["quantization"]
            value = np.clip(np.round(value / scale) + zero_point, -128, 127).astype(np.int8)
        interpreter.set_tensor(source["index"], value)
        interpreter.invoke()
        correct += int(np.argmax(interpreter.get_tensor(sink["index"])[0]) == expected)
    return correct


def measurement(file_bytes: bytes, split: Split) -> dict[str, object]:
    """What `accuracy.json` says of one file."""
    correct = count_correct(file_bytes, split.held_out)
    return {
        "correct": correct,
        "dataset": split.dataset,
        "file_bytes": len(file_bytes),
        "held_out_samples": len(split.held_out.classes),
        "sha256": hashlib.sha256(file_bytes).hexdigest(),
        "top_1_accuracy": round(correct / len(split.held_out.classes), 4),
        "training_samples": len(split.training.classes),
    }


def train_all(folder: Path) -> None:
    """Write every .tflite file of `RECIPES` into `folder`."""
    for recipe in RECIPES:
        split = recipe.split()
        model = train(recipe, split)
        for name in recipe.files:
            content = convert(
                model,
                split.training.inputs[:200],
                quantize=name.endswith("_int8"),
                scale_per_row=recipe.scale_per_row,
            )
            (folder / f"{name}.tflite").write_bytes(content)


def measure_all(folder: Path) -> dict[str, dict[str, object]]:
    """The measurement of every file of `RECIPES`, by name."""
    return {
        name: measurement((folder / f"{name}.tflite").read_bytes(), recipe.split())
        for recipe in RECIPES
        for name in recipe.files
    }


def main() -> int:
    """Exit code 1 where measuring gives other figures than `accuracy.json` holds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the .tflite files lie")
    parser.add_argument(
        "--measure-only", action="store_true", help="train nothing; compare with accuracy.json"
    )
    arguments = parser.parse_args()
    tf.config.experimental.enable_op_determinism()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)

    report_path = arguments.folder / REPORT
    if not arguments.measure_only:
        arguments.folder.mkdir(parents=True, exist_ok=True)
        train_all(arguments.folder)
    models = measure_all(arguments.folder)
    for name, figures in sorted(models.items()):
        sys.stdout.write(f"{name}: {figures['top_1_accuracy']} ({figures['file_bytes']} bytes)\n")
    if arguments.measure_only:
        return int(json.loads(report_path.read_text("utf-8"))["models"] != models)
    report = {
        "made_by": "training/train_digits.py",
        "models": models,
        "packages": {package: importlib.metadata.version(package) for package in PACKAGES},
        "seed": SEED,
    }
    report_path.write_text(json.dumps(report, indent=2, sort_keys=True) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
