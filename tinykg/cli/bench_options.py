"""Options that commands which run benchmarks have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T", bound="Callable[..., Any]")


def options_of(_context: click.Context, _parameter: click.Parameter, texts: Iterable[str]) -> dict[str, str]:
    """`NAME=VALUE` texts as a mapping."""
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"'{text}' is not of the form NAME=VALUE, such as iterations=10")
        found[name] = value
    return found


def runner_options(command: T) -> T:
    """Which runner, and what it is told."""
    runner = click.option(
        "--runner",
        metavar="NAME",
        help="What runs it (see 'tinykg bench runners'); default: what says most about the device.",
    )
    option = click.option(
        "--option",
        "options",
        metavar="NAME=VALUE",
        multiple=True,
        callback=options_of,
        help="An option of the runner, such as port=/dev/ttyACM0; repeatable.",
    )
    return runner(option(command))


def bench_options(command: T) -> T:
    """That the best are run, how many, and by what."""
    bench = click.option("--bench", is_flag=True, help="Run the best that fit, and keep what was measured.")
    top = click.option(
        "--top",
        metavar="N",
        type=click.IntRange(min=1),
        default=3,
        show_default=True,
        help="With --bench: run so many.",
    )
    return bench(top(runner_options(command)))


def bench_asked(asked: dict[str, Any]) -> dict[str, Any] | None:
    """What `--bench` is to do, taken out of a command's arguments; None where it is not wanted."""
    wanted = asked.pop("bench")
    bench = {name: asked.pop(name) for name in ("top", "runner", "options")}
    if wanted and asked["device"] is None:
        raise click.UsageError("--bench runs models on a board: name it with --device")
    if not wanted and (bench["runner"] is not None or bench["options"]):
        raise click.UsageError("--runner and --option say how --bench runs models")
    return {**bench, "runtime": asked["runtime"]} if wanted else None
