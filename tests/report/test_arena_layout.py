"""Roles, lives and shares, before anything is drawn."""

from __future__ import annotations

import pytest
from arena_case import Case, buffer, chain

from tinykg.records.footprint import Share
from tinykg.report.arena_layout import Role, grouped_shares, layout, printable, shortened


def test_the_largest_buffer_is_first_and_gets_the_first_letter(digits: Case) -> None:
    plan = layout(digits.file, digits.footprint, digits.steps)
    sizes = [box.buffer.size_bytes for box in plan.boxes]
    assert sizes == sorted(sizes, reverse=True)
    assert [box.key for box in plan.boxes] == list("ABCDEFGH")
    assert {box.role for box in plan.boxes} == {Role.INPUT, Role.OUTPUT, Role.INNER}


def test_the_fullest_step_has_the_most_bytes_alive() -> None:
    case = chain(3, buffer(0, 1, 0, 32), buffer(1, 2, 32, 64), buffer(3, 3, 0, 16))
    plan = layout(case.file, case.footprint, case.steps)
    assert plan.live_bytes == (32, 96, 64, 16)
    assert (plan.fullest_step, plan.step_name(plan.fullest_step)) == (1, "ADD")


@pytest.mark.parametrize(
    ("tensor", "first", "role"),
    [
        (0, 0, Role.INPUT),
        (1, 2, Role.OUTPUT),
        (7, 1, Role.INNER),
        (None, 1, Role.SCRATCH),
        (7, -1, Role.UNUSED),
    ],
)
def test_a_role_follows_from_the_graph(tensor: int | None, first: int, role: Role) -> None:
    case = chain(2, buffer(first, first, 0, 16, tensor=tensor))
    (box,) = layout(case.file, case.footprint, case.steps).boxes
    assert box.role is role


def test_a_tensor_that_is_never_used_widens_the_time_to_the_left() -> None:
    case = chain(2, buffer(-1, -1, 0, 16), buffer(0, 2, 0, 16))
    plan = layout(case.file, case.footprint, case.steps)
    assert (plan.first_step, plan.live_bytes) == (-1, (16, 16, 16, 16))
    assert [plan.life(box) for box in plan.boxes] == ["never", "0-2"]


def test_shares_of_layers_are_put_together_and_the_sum_stays(digits: Case) -> None:
    for by_layer in (False, True):
        rows = grouped_shares(digits.footprint.tail, by_layer=by_layer)
        assert sum(size for _, size in rows) == digits.footprint.tail_bytes
        assert [size for _, size in rows] == sorted((size for _, size in rows), reverse=True)
    names = [name for name, _ in grouped_shares(digits.footprint.tail)]
    assert "kernel data of 6 layers" in names
    shares = (Share(name="layer 0/0 ADD: options", size_bytes=8), Share(name="a: b", size_bytes=1))
    assert grouped_shares(shares) == [("options of layer 0/0 ADD", 8), ("a: b", 1)]


def test_names_cannot_steer_a_terminal() -> None:
    assert printable("a\x1b[31m\n\udc80é") == "a\ufffd[31m\ufffd\ufffdé"
    assert shortened("abcdefghij", 5) == "ab…ij"
    assert shortened("abc", 3) == "abc"
