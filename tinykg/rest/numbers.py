"""What a server did so far, in Prometheus' text format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

if TYPE_CHECKING:
    from collections.abc import Callable

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Numbers:
    """Counters of one application."""

    def __init__(self, quads: Callable[[], int], things: Callable[[], int]) -> None:
        self._collectors = CollectorRegistry()
        labels = ("method", "route")
        self._answers = Counter(
            "tinykg_http_responses",
            "Answers by method, route and status.",
            (*labels, "status"),
            registry=self._collectors,
        )
        self._seconds = Histogram(
            "tinykg_http_request_duration_seconds",
            "Time from a request to the end of its answer.",
            labels,
            registry=self._collectors,
            buckets=(0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 10.0, 60.0),
        )
        for name, text, read in (
            ("tinykg_quads", "Quads in the registry.", quads),
            ("tinykg_things", "Registered Things.", things),
        ):
            Gauge(name, text, registry=self._collectors).set_function(read)
        self._children: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def count(self, method: str, route: str, status: int, duration_s: float) -> None:
        """Count one answer."""
        found = self._children.get((method, route, status))
        if found is None:
            answers = self._answers.labels(method, route, str(status))
            found = (answers, self._seconds.labels(method, route))
            self._children[method, route, status] = found
        found[0].inc()
        found[1].observe(duration_s)

    def text(self) -> bytes:
        """All numbers as Prometheus reads them."""
        return generate_latest(self._collectors)
