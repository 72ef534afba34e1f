"""When tensors live: steps of the walk over layers and called subgraphs."""

from __future__ import annotations

import pytest
from footprint_sketch import graph, layer, model, tensor

from tinykg.footprint.lifetimes import Lifetimes, WalkTooLong


def test_an_input_lives_to_its_last_use_and_an_output_to_the_end() -> None:
    tensors = [tensor("int8", 4) for _ in range(4)]
    layers = [layer("RELU", [0], [1]), layer("RELU", [1], [2]), layer("RELU", [2], [3])]
    lives = Lifetimes(model(graph(tensors, layers, [0], [1, 3])))
    assert lives.tensors[0] == [[0, 1], [1, 3], [2, 3], [3, 3]]
    assert lives.layers[0] == [[1, 1], [2, 2], [3, 3]]


def test_a_tensor_that_nothing_touches_never_lives() -> None:
    assert Lifetimes(model(graph([tensor("int8", 4)], []))).tensors[0] == [[-1, -1]]


def test_a_tensor_read_before_it_is_written_lives_from_before_the_start() -> None:
    lives = Lifetimes(model(graph([tensor("int8", 4), tensor("int8", 4)], [layer("RELU", [0], [1])])))
    assert lives.tensors[0] == [[-1, 1], [1, 1]]


def test_called_subgraphs_take_steps_of_their_own() -> None:
    branch = graph([tensor("int8", 4), tensor("int8", 4)], [layer("RELU", [0], [1])], [0], [1])
    call = layer("IF", [0, 1], [2], then_subgraph_index=1, else_subgraph_index=2)
    main = graph(
        [tensor("bool", 1), tensor("int8", 4), tensor("int8", 4), tensor("int8", 4)],
        [call, layer("RELU", [2], [3])],
        [0, 1],
        [3],
    )
    lives = Lifetimes(model(main, branch, branch))
    assert lives.layers[0] == [[1, 5], [6, 6]]
    assert lives.tensors[0] == [[0, 5], [0, 5], [1, 6], [6, 6]]
    assert lives.tensors[1] == [[2, 3], [3, 3]]
    assert lives.tensors[2] == [[4, 5], [5, 5]]


def test_a_subgraph_called_twice_keeps_its_tensors_between_the_calls() -> None:
    branch = graph([tensor("int8", 4)], [], [0], [0])
    calls = [layer("WHILE", [0], [1], cond_subgraph_index=1, body_subgraph_index=1)]
    lives = Lifetimes(model(graph([tensor("int8", 4), tensor("int8", 4)], calls, [0], [1]), branch))
    assert lives.tensors[1] == [[2, 3]]


def test_an_absent_input_is_passed_over() -> None:
    lives = Lifetimes(model(graph([tensor("int8", 4)], [layer("FULLY_CONNECTED", [0, -1], [])], [0])))
    assert lives.tensors[0] == [[0, 1]]


def test_endless_calls_are_given_up() -> None:
    call = layer("CALL_ONCE", [], [], init_subgraph_index=0)
    with pytest.raises(WalkTooLong, match="nest deeper than 64"):
        Lifetimes(model(graph([], [call])))


def test_exponential_calls_are_given_up() -> None:
    graphs = [
        graph([], [layer("IF", [], [], then_subgraph_index=n + 1, else_subgraph_index=n + 1)])
        for n in range(30)
    ]
    with pytest.raises(WalkTooLong, match="more than 1000000 steps"):
        Lifetimes(model(*graphs, graph([], [])))
