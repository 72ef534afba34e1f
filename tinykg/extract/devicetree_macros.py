"""The C macros that devicetree sources use: definitions, their expansion, and conditions, all bounded."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MAX_EXPANDED: Final = 4 << 20
"""Characters that the expansions of one source may pass through; published boards need up to 61 thousand."""

MAX_DEPTH: Final = 64
"""Macros within macros; published sources nest below ten."""

_TOKEN = re.compile(
    r"""("(?:\\.|[^"\\\n])*+"?|'(?:\\.|[^'\\\n])'  # a string, also one without its end; a character
        |[A-Za-z_]\w*|[0-9][\w.]*                  # a name, a number
        |\s+|\#\#|<<|>>|<=|>=|==|!=|&&|\|\||.)""",
    re.VERBOSE | re.DOTALL,
)
_DEFINITION = re.compile(r"([A-Za-z_]\w*)(\(([^()]*)\))?(?:\s+|$|(?=\W))(.*)", re.DOTALL)
_NUMBER = re.compile(r"(0[xX][0-9a-fA-F]+|[0-9]+)[uUlL]{0,3}")
_SIGN = 1 << 63


class MacroError(ValueError):
    """A definition or an expression that C's preprocessor would refuse, or one past the bounds."""


@dataclass(frozen=True, slots=True)
class Macro:
    """A macro's parameters (None: it takes no list) and the tokens it stands for."""

    parameters: tuple[str, ...] | None
    body: tuple[str, ...]


def tokens(text: str) -> list[str]:
    """The preprocessing tokens of a text, white space included: joined they are the text."""
    return _TOKEN.findall(text)


class _Spent(str):
    """A macro's name that came up in its own expansion: it stays as it is, wherever it goes from there."""

    __slots__ = ()


class Macros:
    """The macros defined so far; `expand` replaces them as C does, within bounds.

    A call with another number of arguments than its macro takes stays as it is. Left out is what no
    devicetree uses: `#` that makes a string, and a call whose name comes out of one expansion and
    whose arguments stand behind it.
    """

    def __init__(self) -> None:
        self._known: dict[str, Macro] = {}
        self._spent = 0

    def __contains__(self, name: str) -> bool:
        return name in self._known

    def define(self, text: str) -> None:
        """Take the text behind `#define`."""
        found = _DEFINITION.match(text)
        if not found:
            raise MacroError(f"a definition of no name ({text[:40]!r})")
        name, brackets, parameters, body = found.groups()
        names = None
        if brackets:
            names = tuple(part.strip() for part in parameters.split(",")) if parameters.strip() else ()
        self._known[name] = Macro(names, tuple(tokens(body.strip())))

    def undefine(self, name: str) -> None:
        """Forget a macro, if it is one."""
        self._known.pop(name, None)

    def expand(self, text: str) -> str:
        """The text with its macros replaced; it keeps its number of lines."""
        if not self._known:
            return text
        return "".join(self._expanded(tokens(text), frozenset()))

    def holds(self, condition: str) -> bool:
        """Whether the text behind `#if` is true; names that are no macros count as 0."""
        plain = re.sub(
            r"\bdefined\s*(?:\(\s*([A-Za-z_]\w*)\s*\)|([A-Za-z_]\w*))",
            lambda found: "1" if (found[1] or found[2]) in self else "0",
            condition,
        )
        return bool(evaluated([word for word in tokens(self.expand(plain)) if not word.isspace()]))

    def _expanded(self, given: Sequence[str], hidden: frozenset[str]) -> list[str]:
        if len(hidden) > MAX_DEPTH:
            raise MacroError(f"macros nested deeper than {MAX_DEPTH}")
        self._spend(sum(map(len, given)))
        result: list[str] = []
        position = 0
        while position < len(given):
            word = given[position]
            position += 1
            macro = self._known.get(word)
            if macro is None or isinstance(word, _Spent):
                result.append(word)
            elif word in hidden:
                result.append(_Spent(word))
            elif macro.parameters is None:
                result += self._expanded(_pasted(macro.body), hidden | {word})
            else:
                arguments, behind = _arguments(given, position)
                self._spend(behind - position)
                raw = _bound(macro.parameters, arguments)
                if raw is None:
                    result.append(word)
                    continue
                result += self._call(word, macro, raw, hidden)
                result.append("\n" * "".join(given[position:behind]).count("\n"))
                position = behind
        return result

    def _call(self, name: str, macro: Macro, raw: dict[str, list[str]], hidden: frozenset[str]) -> list[str]:
        full = {key: self._expanded(value, hidden) for key, value in raw.items()}
        replaced: list[str] = []
        for place, word in enumerate(macro.body):
            if word not in raw:
                replaced.append(word)
            else:
                replaced += raw[word] if _beside_paste(macro.body, place) else full[word]
        self._spend(sum(map(len, replaced)))
        return self._expanded(_pasted(replaced), hidden | {name})

    def _spend(self, characters: int) -> None:
        self._spent += characters
        if self._spent > MAX_EXPANDED:
            raise MacroError(f"macros that unfold past {MAX_EXPANDED} characters")


def _beside_paste(body: Sequence[str], place: int) -> bool:
    before = "".join(body[max(0, place - 2) : place]).rstrip()
    after = "".join(body[place + 1 : place + 3]).lstrip()
    return before.endswith("##") or after.startswith("##")


def _pasted(given: Sequence[str]) -> Sequence[str]:
    """The tokens with those on both sides of each `##` made one; the others stay the tokens that they are."""
    if "##" not in given:
        return given
    result: list[str] = []
    place = 0
    while place < len(given):
        if given[place] != "##":
            result.append(given[place])
            place += 1
            continue
        while result and result[-1].isspace():
            result.pop()
        place += 1
        while place < len(given) and given[place].isspace():
            place += 1
        sides = [*result[-1:], *given[place : place + 1]]
        del result[-1:]
        result += tokens("".join(side for side in sides if side != "##"))
        place += given[place : place + 1] != ["##"]
    return result


def _bound(parameters: tuple[str, ...], arguments: list[list[str]] | None) -> dict[str, list[str]] | None:
    """The arguments by the names of their parameters; None where they do not fit, or there are none."""
    if arguments is None:
        return None
    if parameters and parameters[-1] == "...":
        fixed = len(parameters) - 1
        rest = [part for argument in arguments[fixed:] for part in (",", *argument)][1:]
        parameters, arguments = (*parameters[:-1], "__VA_ARGS__"), [*arguments[:fixed], rest]
    if not parameters and arguments == [[]]:
        arguments = []
    return dict(zip(parameters, arguments, strict=True)) if len(parameters) == len(arguments) else None


def _arguments(given: Sequence[str], position: int) -> tuple[list[list[str]] | None, int]:
    """A call's arguments without outer white space (None: no call is here) and the position behind it."""
    while position < len(given) and given[position].isspace():
        position += 1
    if position == len(given) or given[position] != "(":
        return None, position
    arguments: list[list[str]] = [[]]
    depth = 0
    for place in range(position, len(given)):
        word = given[place]
        depth += (word == "(") - (word == ")")
        if depth == 0:
            return [_stripped(argument) for argument in arguments], place + 1
        if word == "," and depth == 1:
            arguments.append([])
        elif place > position:
            arguments[-1].append(" " if word.isspace() else word)
    return None, len(given)


def _stripped(argument: list[str]) -> list[str]:
    """An argument without the white space around it."""
    kept = [place for place, word in enumerate(argument) if not word.isspace()]
    return argument[kept[0] : kept[-1] + 1] if kept else []


def _wrapped(number: int) -> int:
    """The number in 64 bits with sign."""
    return ((number + _SIGN) & (2 * _SIGN - 1)) - _SIGN


def _shifted(number: int, places: int) -> int:
    """Shifted to the left, or to the right where the places are negative, as GCC does."""
    return number << min(places, 64) if places >= 0 else number >> min(-places, 64)


def _quotient(dividend: int, divisor: int) -> int:
    """The quotient without what is behind the point, which C cuts off towards zero."""
    size = abs(dividend) // abs(divisor)
    return size if (dividend < 0) == (divisor < 0) else -size


_BINARY: Final[dict[str, tuple[int, Callable[[int, int], int]]]] = {
    "||": (1, lambda a, b: int(bool(a or b))),
    "&&": (2, lambda a, b: int(bool(a and b))),
    "|": (3, lambda a, b: a | b),
    "^": (4, lambda a, b: a ^ b),
    "&": (5, lambda a, b: a & b),
    "==": (6, lambda a, b: int(a == b)),
    "!=": (6, lambda a, b: int(a != b)),
    "<": (7, lambda a, b: int(a < b)),
    ">": (7, lambda a, b: int(a > b)),
    "<=": (7, lambda a, b: int(a <= b)),
    ">=": (7, lambda a, b: int(a >= b)),
    "<<": (8, _shifted),
    ">>": (8, lambda a, b: _shifted(a, -b)),
    "+": (9, lambda a, b: a + b),
    "-": (9, lambda a, b: a - b),
    "*": (10, lambda a, b: a * b),
    "/": (10, _quotient),
    "%": (10, lambda a, b: a - b * _quotient(a, b)),
}
"""C's binary operators with how closely each binds."""

_UNARY: Final[dict[str, Callable[[int], int]]] = {
    "!": lambda a: int(not a),
    "-": lambda a: -a,
    "~": lambda a: ~a,
    "+": lambda a: a,
}


def evaluated(given: Sequence[str], *, names_are_zero: bool = True) -> int:
    """The value of a C expression of integers in 64 bits with sign; raises MacroError."""
    value, position = _climb(given, 0, 0, 0, zero=names_are_zero)
    if position != len(given):
        raise MacroError(f"{given[position][:40]!r} behind an expression")
    return value


def _climb(given: Sequence[str], position: int, closeness: int, depth: int, *, zero: bool) -> tuple[int, int]:
    """The value from a position on, of operators that bind at least so closely, and where it ends."""
    value, position = _operand(given, position, depth, zero=zero)
    while position < len(given):
        operator = _BINARY.get(given[position])
        if operator is None or operator[0] <= closeness:
            break
        right, behind = _climb(given, position + 1, operator[0], depth + 1, zero=zero)
        if given[position] in "/%" and not right:
            raise MacroError("a division by zero")
        value, position = _wrapped(operator[1](value, right)), behind
    return value, position


def _operand(given: Sequence[str], position: int, depth: int, *, zero: bool) -> tuple[int, int]:
    if depth > MAX_DEPTH:
        raise MacroError(f"an expression nested deeper than {MAX_DEPTH}")
    word = given[position] if position < len(given) else ""
    if word == "(":
        value, position = _climb(given, position + 1, 0, depth + 1, zero=zero)
        if position == len(given) or given[position] != ")":
            raise MacroError("an expression without its closing bracket")
        return value, position + 1
    if word in _UNARY:
        value, position = _operand(given, position + 1, depth + 1, zero=zero)
        return _wrapped(_UNARY[word](value)), position
    if number := _NUMBER.fullmatch(word):
        digits = number[1]
        base = 16 if digits[:2] in ("0x", "0X") else 8 if len(digits) > 1 and digits[0] == "0" else 10
        try:
            return _wrapped(int(digits, base)), position + 1
        except ValueError as error:
            raise MacroError(f"{digits[:40]!r}, which is no number") from error
    if zero and re.fullmatch(r"[A-Za-z_]\w*", word):
        return 0, position + 1
    raise MacroError(
        f"{word[:40]!r} where a number was expected" if word else "an expression that ends early"
    )
