"""What is counted and measured here, in the text form of Prometheus.

What requests and the loop do is noted as it happens, at the cost of an addition; all else is read
when somebody asks (https://prometheus.io/docs/instrumenting/exposition_formats/).
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from kb.monitoring.heartbeat import Heartbeat
from kb.runtime import Runtime
from kb.search import outbox

CONTENT_TYPE = CONTENT_TYPE_LATEST

_LAG = (
    *(0.001, 0.002, 0.003, 0.004, 0.005, 0.0075, 0.01, 0.015, 0.02),
    *(0.03, 0.05, 0.1, 0.25, 1),
)
_DURATION = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5)
"""Upper bounds in seconds."""

_CREATED = "_created"


class Metrics:
    """What one server process has done so far."""

    def __init__(self) -> None:
        self._lag = Histogram(
            "event_loop_lag_seconds",
            "How late the heartbeat in the event loop came",
            buckets=_LAG,
            registry=None,
        )
        self._requests = Histogram(
            "kb_http_request_duration_seconds",
            "From a request to the end of its answer; of each route, and what none answered",
            ["method", "route", "status"],
            buckets=_DURATION,
            registry=None,
        )
        self._known: dict[tuple[str, str, int], Histogram] = {}
        self.heartbeat = Heartbeat(self._lag.observe)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Note an answer."""
        key = (method, route, status)
        if (found := self._known.get(key)) is None:
            found = self._known[key] = self._requests.labels(method, route, str(status))
        found.observe(seconds)

    async def text(self, runtime: Runtime) -> bytes:
        """Return all of it as Prometheus reads it."""
        now = await _now(runtime)
        # Every process of `--workers` answers for itself: the label keeps their counts apart.
        found = _Labelled({"process": str(os.getpid())}, [self._lag, self._requests, now])
        return await runtime.executor.io(generate_latest, found)


@dataclass(frozen=True, slots=True)
class _Now:
    """What is read when somebody asks."""

    families: list[Metric]

    def collect(self) -> Iterable[Metric]:
        """Return it, with what the system knows of this process, which is read from files."""
        return [*self.families, *ProcessCollector(registry=CollectorRegistry()).collect()]


@dataclass(frozen=True, slots=True)
class _Labelled:
    """The metrics of several collectors, with labels that all have."""

    labels: Mapping[str, str]
    collectors: Iterable[Collector]

    def collect(self) -> Iterator[Metric]:
        """Yield them, less when each was first seen: that is more lines than it is worth."""
        for collector in self.collectors:
            for metric in collector.collect():
                metric.samples = [
                    sample._replace(labels={**sample.labels, **self.labels})
                    for sample in metric.samples
                    if not sample.name.endswith(_CREATED)
                ]
                yield metric


async def _now(runtime: Runtime) -> _Now:
    async with runtime.database.read() as session:
        waiting = await outbox.waiting(session)
    usable = await runtime.search.generation() is not None
    load = runtime.executor.load()
    gauges = {
        "kb_index_waiting_entries": ("Changes that the index has yet to take in", waiting),
        "kb_index_usable": (
            "Whether the index answers searches; if not, the database does",
            usable,
        ),
        "kb_workers_busy": ("Worker processes at work", load.busy),
        "kb_workers_waiting_calls": ("Calls that wait for a worker process", load.waiting),
    }
    searches = "Searches, by what answered them"
    refusals = "What a limit has refused, by what there was too much of"
    return _Now(
        [
            *(GaugeMetricFamily(name, text, value) for name, (text, value) in gauges.items()),
            _counts("kb_searches", searches, "answered_by", runtime.search.answered),
            _counts("kb_limit_refusals", refusals, "kind", runtime.limits.refused),
        ]
    )


def _counts(name: str, text: str, label: str, counted: Mapping[str, int]) -> Metric:
    found = CounterMetricFamily(name, text, labels=[label])
    for value, number in counted.items():
        found.add_metric([value], number)
    return found
