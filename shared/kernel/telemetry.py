"""Prometheus metrics: one typed, documented list. No label ever holds a person or an id."""

from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
LATENESS = (0.001, 1, 10, 60, 600, 3600, 6 * 3600, 86400, 3 * 86400, 10 * 86400)
SIZES = (1, 5, 10, 50, 100, 250, 500, 1000, 2000, 5000, 10000)


def _counter(name: str, doc: str, *labels: str) -> Counter:
    return Counter(name, doc, labels, registry=None)


def _gauge(name: str, doc: str, *labels: str) -> Gauge:
    return Gauge(name, doc, labels, registry=None)


def _histogram(name: str, doc: str, buckets: tuple[float, ...]) -> Histogram:
    return Histogram(name, doc, buckets=buckets, registry=None)


@dataclass(frozen=True, slots=True)
class Telemetry:
    """Every metric of a service process."""

    decisions: Counter = field(
        default_factory=lambda: _counter(
            "throughcare_decisions_total",
            "Facts decided, by event type (or deadline kind), verdict and named reason",
            "fact",
            "verdict",
            "reason",
        )
    )
    rules: Counter = field(
        default_factory=lambda: _counter("throughcare_rules_applied_total", "Rules applied in decisions", "rule")
    )
    published: Counter = field(
        default_factory=lambda: _counter("throughcare_published_total", "Events acknowledged by Kafka", "topic")
    )
    dead_letters: Counter = field(
        default_factory=lambda: _counter("throughcare_dead_letters_total", "Records sent to the dead letters", "reason")
    )
    duplicates: Counter = field(
        default_factory=lambda: _counter("throughcare_duplicates_total", "Events that had been taken before")
    )
    passed_over: Counter = field(
        default_factory=lambda: _counter(
            "throughcare_passed_over_total", "Records that need no decision, by reason", "reason"
        )
    )
    late_records: Counter = field(
        default_factory=lambda: _counter(
            "throughcare_late_records_total", "Records older than the newest already decided (live)"
        )
    )
    run_records: Histogram = field(
        default_factory=lambda: _histogram("throughcare_run_records", "Facts of one run", SIZES)
    )
    run_seconds: Histogram = field(
        default_factory=lambda: _histogram("throughcare_run_seconds", "Wall time of one run", SECONDS)
    )
    publish_seconds: Histogram = field(
        default_factory=lambda: _histogram("throughcare_publish_seconds", "Wall time of one relay batch", SECONDS)
    )
    deadline_lateness: Histogram = field(
        default_factory=lambda: _histogram(
            "throughcare_deadline_lateness_seconds", "From due to firing of a deadline, in log time", LATENESS
        )
    )
    lag_records: Gauge = field(
        default_factory=lambda: _gauge(
            "throughcare_lag_records", "Records published and not yet decided, by topic", "topic"
        )
    )
    lag_seconds: Gauge = field(
        default_factory=lambda: _gauge("throughcare_lag_seconds", "Log time between the newest record read and decided")
    )
    safe_behind: Gauge = field(
        default_factory=lambda: _gauge(
            "throughcare_safe_time_behind_seconds",
            "Wall clock now, less safe time (live); grows while time is stalled",
        )
    )
    log_time: Gauge = field(
        default_factory=lambda: _gauge("throughcare_log_time_seconds", "Everything through this instant is decided")
    )
    outbox_depth: Gauge = field(
        default_factory=lambda: _gauge("throughcare_outbox_records", "Records decided and not yet published")
    )
    outbox_age: Gauge = field(
        default_factory=lambda: _gauge("throughcare_outbox_age_seconds", "Wall time since the relay last emptied it")
    )
    due_backlog: Gauge = field(
        default_factory=lambda: _gauge(
            "throughcare_due_backlog", "Deadlines that log time has passed and have not fired"
        )
    )
    due_open: Gauge = field(
        default_factory=lambda: _gauge("throughcare_due_open", "Deadlines that stand, by kind", "kind")
    )
    waiting: Gauge = field(
        default_factory=lambda: _gauge(
            "throughcare_waiting_facts", "Facts that wait for what they need, by age in log time", "age"
        )
    )
    parked: Gauge = field(default_factory=lambda: _gauge("throughcare_parked_aggregates", "Parked aggregates"))
    held: Gauge = field(
        default_factory=lambda: _gauge("throughcare_held_aggregates", "Aggregates that an upstream service has parked")
    )
    retries: Counter = field(
        default_factory=lambda: _counter("throughcare_retries_total", "Runs tried again, by kind of failure", "failure")
    )
    fenced: Counter = field(
        default_factory=lambda: _counter("throughcare_fenced_total", "Runs refused by the fence: another replica owns")
    )
    relay_leader: Gauge = field(
        default_factory=lambda: _gauge("throughcare_relay_leader", "1 where this replica publishes")
    )
    last_commit: Gauge = field(
        default_factory=lambda: _gauge("throughcare_last_commit_timestamp_seconds", "Wall time of the last commit")
    )
    refreshed: Gauge = field(
        default_factory=lambda: _gauge(
            "throughcare_gauges_refreshed_timestamp_seconds", "Wall time of the last refresh"
        )
    )
    build: Gauge = field(
        default_factory=lambda: _gauge(
            "throughcare_build_info", "Service, version of code and of policy", "service", "code", "policy"
        )
    )

    def registry(self) -> CollectorRegistry:
        """A registry with every metric of the list."""
        registry = CollectorRegistry(auto_describe=False)
        for name in self.__slots__:
            registry.register(getattr(self, name))
        return registry
