"""Who gets a process and who makes room for whom, for every state that a pool can be in."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from tinykg.endpoint.turns import LONG_S, Turn, displaceable, next_turn

CLIENTS = st.sampled_from("abc")
NOW_S = 100.0


def waiting_turn(number: int, client: str = "a", *, is_late: bool = False) -> Turn:
    return Turn(number=number, client=client, is_late=is_late)


def running_turn(number: int, client: str = "a", *, for_s: float = 10.0, may_yield: bool = True) -> Turn:
    return Turn(number=number, client=client, begun_s=NOW_S - for_s, may_yield=may_yield)


@st.composite
def running(draw: st.DrawFn) -> list[Turn]:
    size = draw(st.integers(1, 5))
    return [
        running_turn(
            number,
            draw(CLIENTS),
            for_s=draw(st.floats(0, 30, allow_nan=False)),
            may_yield=draw(st.booleans()),
        )
        for number in range(size)
    ]


def test_who_came_first_is_first_among_equals() -> None:
    turns = [waiting_turn(3), waiting_turn(1, "b"), waiting_turn(2, "c")]
    assert next_turn(turns, []).number == 1


def test_a_client_with_fewer_processes_goes_before_one_with_more() -> None:
    turns = [waiting_turn(1, "a"), waiting_turn(2, "b")]
    assert next_turn(turns, [running_turn(0, "a")]).client == "b"


def test_what_made_room_goes_after_what_is_new() -> None:
    assert next_turn([waiting_turn(1, is_late=True), waiting_turn(2)], []).number == 2
    assert next_turn([waiting_turn(1, "a", is_late=True), waiting_turn(2, "b")], []).client == "b"


@given(turns=st.lists(st.tuples(CLIENTS, st.booleans()), min_size=1, max_size=8), busy=running())
def test_no_client_waits_for_one_that_has_more_processes(
    turns: list[tuple[str, bool]], busy: list[Turn]
) -> None:
    candidates = [waiting_turn(n, client, is_late=late) for n, (client, late) in enumerate(turns)]
    shares = Counter(turn.client for turn in busy)
    chosen = next_turn(candidates, busy)
    assert all(shares[chosen.client] <= shares[other.client] for other in candidates)


def test_long_work_of_a_client_that_has_all_makes_room() -> None:
    busy = [running_turn(0, "a", for_s=20), running_turn(1, "a", for_s=5)]
    for client in "ab":
        found = displaceable(waiting_turn(2, client), busy, NOW_S)
        assert found is busy[1], "the youngest; the oldest goes on"


def test_short_work_and_the_only_work_of_a_client_are_left_alone() -> None:
    just_begun = [running_turn(0, for_s=20), running_turn(1, for_s=LONG_S / 2)]
    assert displaceable(waiting_turn(2, "b"), just_begun, NOW_S) is None
    shared = [running_turn(0, "a"), running_turn(1, "b")]
    assert displaceable(waiting_turn(2, "c"), shared, NOW_S) is None
    assert displaceable(waiting_turn(2, "a"), shared, NOW_S) is None


def test_what_made_room_displaces_nobody() -> None:
    busy = [running_turn(0, "a", for_s=20), running_turn(1, "a", for_s=5)]
    assert displaceable(waiting_turn(2, "b", is_late=True), busy, NOW_S) is None


@given(busy=running(), client=CLIENTS)
def test_each_client_keeps_its_oldest_work(busy: list[Turn], client: str) -> None:
    found = displaceable(waiting_turn(9, client), busy, NOW_S)
    if found is not None:
        others = [turn for turn in busy if turn.client == found.client and turn is not found]
        assert others
        assert min(turn.begun_s for turn in others) < found.begun_s
        assert found.may_yield
        assert NOW_S - found.begun_s > LONG_S


@given(busy=running())
def test_a_client_takes_from_others_only_what_is_above_its_own_share(busy: list[Turn]) -> None:
    shares = Counter(turn.client for turn in busy)
    for client in "abc":
        found = displaceable(waiting_turn(9, client), busy, NOW_S)
        if found is not None and found.client != client:
            assert shares[found.client] - 1 >= shares[client] + 1


def test_work_begins_anew_as_late_and_without_a_process() -> None:
    first = running_turn(4, "b")
    first.granted.set()
    second = first.again()
    assert (second.number, second.client, second.is_late, second.worker) == (4, "b", True, None)
    assert not second.granted.is_set()
