"""The command itself: subcommands, help, errors as exit codes, errors on stderr."""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING

import click
import pytest

from tinykg import __version__, errors
from tinykg.cli.main import COMMANDS, EXIT_CODES, FAULT, group
from tinykg.files import PACKAGE
from tinykg.records.thing import ThingFault

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from command_line import Tinykg

ERRORS = {
    errors.TinykgError("x"): 2,
    errors.InputError("x"): 2,
    errors.ExtractError("file", "byte 3", "nothing", "something"): 2,
    errors.UnknownFormat("file", ["tflite"]): 2,
    errors.UnknownName("device", "x", []): 2,
    errors.AmbiguousName("device", "x", ["a", "b"]): 2,
    errors.ModelNotKept("net", "ab" * 32, "https://example.org/net.tflite"): 2,
    errors.InvalidThing("a thing", [ThingFault(field="title", description="is missing")]): 2,
    errors.ThingNotFound("urn:x"): 2,
    errors.PreconditionFailed("x"): 2,
    errors.UnsupportedMediaType("text/html", ["application/td+json"]): 2,
    errors.NotAcceptable("image/png", ["text/turtle"]): 2,
    errors.Refused("x"): 2,
    errors.QuerySyntaxError("x"): 2,
    errors.ShapeViolation("record", []): 1,
    errors.MissingExtra("a command", "reason"): 2,
    errors.BenchmarkError("x"): 3,
    errors.BenchmarkCancelled("x"): 3,
    errors.DeviceError("infer 1", "x"): 3,
    errors.DeviceSilent("infer 1", "x"): 3,
    errors.DeviceGone("infer 1", "x"): 3,
    errors.DeviceRefused("infer 1", "x"): 3,
    errors.DeviceGarbled("infer 1", "x"): 3,
    errors.StoreError("x"): 3,
    errors.StoreBusy("folder", "process 7", 2.0): 3,
    errors.StoreFormatError("x"): 3,
    errors.EndpointFailed("x"): 3,
    errors.QueryStopped("x"): 3,
    errors.QueryTimeout("x"): 3,
    errors.QueryTooBig("x"): 3,
    errors.TooBusy("x"): 3,
}


def raising(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Make `tinykg list devices` fail."""

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("tinykg.registry.Registry.devices", fail)


def test_version(tinykg: Tinykg) -> None:
    done = tinykg("--version")
    assert (done.code, done.out, done.err) == (0, f"tinykg, version {__version__}\n", "")


def test_help_lists_every_command_with_its_line(tinykg: Tinykg) -> None:
    for flag in ("--help", "-h"):
        done = tinykg(flag)
        assert done.code == 0
        text = " ".join(done.out.split())
        for name, line in COMMANDS.items():
            assert f"{name} {line}" in text


def test_every_module_with_a_command_is_listed() -> None:
    folder = PACKAGE / "cli"
    found = {
        path.stem
        for path in folder.glob("*.py")
        if re.search(r"^def command\(", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert found - {"main"} == set(COMMANDS)


@pytest.mark.parametrize("name", list(COMMANDS))
def test_each_command_says_what_it_gives(tinykg: Tinykg, name: str) -> None:
    done = tinykg(name, "--help")
    assert done.code == 0
    assert done.out.startswith(f"Usage: tinykg {name}")
    command = import_module(f"tinykg.cli.{name}").command
    assert isinstance(command, click.Command)
    assert command.name == name
    assert command.help
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    assert all(option.help for option in options if option.name != "help"), "an option without help"


READING = ["match", "explain", "build", "inspect", "list", "show", "query", "validate", "doctor", "add"]


@pytest.mark.parametrize("name", READING)
def test_each_reading_command_has_json(name: str) -> None:
    command = import_module(f"tinykg.cli.{name}").command
    assert "--json" in {flag for parameter in command.params for flag in parameter.opts}


def test_no_command_is_wrong_use(tinykg: Tinykg) -> None:
    done = tinykg()
    assert (done.code, done.out) == (2, "")
    assert "Commands:" in done.err


@pytest.mark.parametrize(
    "words",
    [
        ["nosuch"],
        ["match"],
        ["match", "--device"],
        ["match", "--device", "nano33", "--sort", "colour"],
        ["match", "--device", "nano33", "--min-accuracy", "2"],
        ["match", "--nosuch"],
        ["match", "--device", "nosuchboard"],
        ["match", "--model", "nosuchmodel"],
        ["match", "--device", "nano33", "--task", "nosuchtask"],
        ["match", "--device", "nano33", "--runtime", "nosuchruntime"],
        ["match", "--model", "nosuchfile.tflite"],
        ["explain", "Hello_World"],
        ["explain", "Hello_World", "nosuchboard"],
        ["explain", "nosuchmodel", "nano33"],
        ["inspect"],
        ["inspect", "nosuchfile.tflite"],
        ["list"],
        ["list", "colours"],
        ["list", "models", "--task", "nosuchtask"],
        ["list", "devices", "--task", "regression"],
        ["show", "nosuch"],
        ["query"],
        ["query", "nosuch"],
        ["query", "nosuch.rq"],
        ["query", "tasks", "--timeout", "0"],
        ["query", "tasks", "--format", "turtle"],
        ["remove"],
        ["remove", "nosuch"],
        ["export", "nosuch"],
        ["export", "--format", "pdf"],
        ["validate", "nosuchfile.ttl"],
        ["add"],
        ["completion", "powershell"],
    ],
    ids=" ".join,
)
def test_wrong_use_is_exit_code_2_and_speaks_on_stderr_only(tinykg: Tinykg, words: list[str]) -> None:
    done = tinykg(*words)
    assert (done.code, done.out) == (2, "")
    assert done.err.strip()
    assert "Traceback" not in done.err


def test_there_is_an_example_of_every_error() -> None:
    classes = {
        value
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, errors.TinykgError)
    }
    assert {type(error) for error in ERRORS} == classes


@pytest.mark.parametrize(("error", "code"), ERRORS.items(), ids=lambda value: type(value).__name__)
def test_each_error_has_its_exit_code(
    tinykg: Tinykg, monkeypatch: pytest.MonkeyPatch, error: errors.TinykgError, code: int
) -> None:
    raising(monkeypatch, error)
    done = tinykg("list", "devices")
    assert (done.code, done.out, done.err) == (code, "", f"tinykg: {error}\n")


def test_the_table_of_exit_codes_is_the_one_in_the_docstrings() -> None:
    for error, code in EXIT_CODES.items():
        if error is not errors.TinykgError:
            assert f"{error.__name__}" in (errors.__doc__ or "")
            assert f"(exit code {code})" in (errors.__doc__ or "").split(error.__name__)[1].splitlines()[0]


def test_a_fault_of_our_own_is_no_honest_no(tinykg: Tinykg, monkeypatch: pytest.MonkeyPatch) -> None:
    raising(monkeypatch, KeyError("colour"))
    done = tinykg("list", "devices")
    assert (done.code, done.out) == (FAULT, "")
    assert done.err.splitlines() == [
        "tinykg: a fault of TinyKG itself, please report it: KeyError('colour')",
        "'tinykg --debug ...' shows where it happened.",
    ]


@pytest.mark.parametrize(("error", "code"), [(KeyError("colour"), FAULT), (errors.StoreError("locked"), 3)])
def test_debug_shows_where_and_keeps_the_exit_code(
    tinykg: Tinykg, monkeypatch: pytest.MonkeyPatch, error: Exception, code: int
) -> None:
    raising(monkeypatch, error)
    done = tinykg("--debug", "list", "devices")
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith("Traceback (most recent call last):")
    assert "in fail" in done.err


def test_an_interrupt_says_so(tinykg: Tinykg, monkeypatch: pytest.MonkeyPatch) -> None:
    raising(monkeypatch, KeyboardInterrupt())
    done = tinykg("list", "devices")
    assert (done.code, done.out) == (130, "")
    assert done.err.endswith("Stopped.\n")


def test_the_folder_can_be_named_on_the_command_line(tinykg: Tinykg, tmp_path: Path) -> None:
    place = tmp_path / "a file"
    place.write_text("not a folder")
    done = tinykg("--registry", str(place), "list", "devices")
    assert (done.code, done.out) == (3, "")
    assert str(place) in done.err


@pytest.mark.parametrize("text", ["soon", "nan", "-1", ""])
def test_waiting_time_that_is_no_number_is_named(
    tinykg: Tinykg, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("TINYKG_WAIT_S", text)
    done = tinykg("list", "devices")
    assert done.code == 2
    assert f"TINYKG_WAIT_S is '{text}'; expected a number of seconds" in done.err


def test_commands_are_loaded_when_they_are_called(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []

    def load(name: str) -> ModuleType:
        loaded.append(name)
        return import_module(name)

    monkeypatch.setattr("tinykg.cli.main.import_module", load)
    context = click.Context(group)
    group.format_commands(context, context.make_formatter())
    assert loaded == []
    assert group.get_command(context, "match") is not None
    assert loaded == ["tinykg.cli.match"]
