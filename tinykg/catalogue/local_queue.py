"""The queue of benchmarks to a worker that reaches the registry itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tinykg.bench.protocol import Task
from tinykg.catalogue.benchmarks import facts_for, requested
from tinykg.catalogue.jobs import LEASE_S, Jobs
from tinykg.catalogue.model_bytes import bytes_of
from tinykg.catalogue.places import Own

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tinykg.catalogue.sessions import Sessions
    from tinykg.records.benchmark import BenchmarkRequest, Job


class LocalQueue(Jobs):
    """The jobs of a registry, with what their runners are given; `own` is what this worker says itself."""

    def __init__(self, sessions: Sessions, *, lease_s: float = LEASE_S, own: Own | None = None) -> None:
        super().__init__(sessions, lease_s=lease_s)
        self._from = sessions
        self._own = Own() if own is None else own

    def of(self, own: Own) -> LocalQueue:
        """The same queue to a worker that says some things itself."""
        return LocalQueue(self._from, lease_s=self.lease_s, own=own)

    def request(
        self,
        model: str,
        runner: str,
        *,
        device: str | None = None,
        runtime: str | None = None,
        options: Mapping[str, str] | None = None,
        data: str | None = None,
    ) -> BenchmarkRequest:
        """A request in the registry's own names, to be queued by `create`.

        Raises UnknownName, InputError, and ModelNotKept where there are no bytes of the model's file to run.
        """
        with self._from.reading(sources=False) as store:
            return requested(
                store,
                self._from.files(),
                model,
                runner,
                device=device,
                runtime=runtime,
                options=options,
                data=data,
            )

    def task(self, job: Job, workplace: Path) -> Task:
        """What the runner of a job is given; raises UnknownName, ModelNotKept, BenchmarkError."""
        request = job.request
        with self._from.reading(sources=False) as store:
            facts = facts_for(store, request)
        said = None if request.data is None else Path(request.data)
        return Task(
            model=facts.model,
            file=facts.file,
            content=bytes_of(facts.model, self._from.files()),
            workplace=workplace,
            device=facts.device,
            runtime=request.runtime,
            data=self._own.data or said,
            options=self._own.options_for(request),
        )
