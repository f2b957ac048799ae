"""The compose file holds together: its shape, its references, and its agreement with the local stack and the code."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from deploy.local.kafka import SETTINGS
from deploy.local.kafka_jars import kafka_version
from deploy.postgres.roles import ROLES, SERVICES, passwords_stated
from shared.kernel.settings import from_environment

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
CONTAINERS: dict[str, Any] = COMPOSE["services"]

TEXT = {"type": "string"}
TEXTS = {"type": "array", "items": TEXT}
BY_NAME = {"type": "object", "additionalProperties": TEXT}
HEALTH_CHECK = {
    "type": "object",
    "required": ["test", "interval", "timeout", "retries"],
    "properties": {
        "test": TEXTS,
        "interval": {"type": "string", "pattern": r"^\d+s$"},
        "timeout": {"type": "string", "pattern": r"^\d+s$"},
        "start_period": {"type": "string", "pattern": r"^\d+s$"},
        "retries": {"type": "integer"},
    },
    "additionalProperties": False,
}
CONDITION = {"enum": ["service_started", "service_healthy", "service_completed_successfully"]}
CONTAINER = {
    "type": "object",
    "required": ["image", "networks"],
    "properties": {
        "image": {"type": "string", "pattern": r"^[a-z/]+:[\w.]+$"},
        "build": {"type": "object", "required": ["context", "dockerfile"], "additionalProperties": TEXT},
        "command": TEXTS,
        "environment": BY_NAME,
        "depends_on": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["condition"],
                "properties": {"condition": CONDITION},
                "additionalProperties": False,
            },
        },
        "healthcheck": HEALTH_CHECK,
        "ports": {"type": "array", "items": {"type": "string", "pattern": r"^127\.0\.0\.1:\d+:\d+$"}},
        "volumes": {"type": "array", "items": {"type": "string", "pattern": r"^[\w./-]+:/[\w./-]+(:ro)?$"}},
        **dict.fromkeys(("networks", "profiles", "tmpfs", "cap_drop", "security_opt"), TEXTS),
        **dict.fromkeys(("restart", "stop_grace_period", "stop_signal", "shm_size"), TEXT),
        "read_only": {"type": "boolean"},
    },
    "additionalProperties": False,
}
FILE = {
    "type": "object",
    "required": ["name", "services", "networks", "volumes"],
    "properties": {
        "name": TEXT,
        "services": {"type": "object", "additionalProperties": CONTAINER},
        "networks": {"type": "object"},
        "volumes": {"type": "object"},
    },
    "patternProperties": {"^x-": {"type": "object"}},
    "additionalProperties": False,
}


def test_it_has_the_shape_of_a_compose_file() -> None:
    assert [error.message for error in Draft202012Validator(FILE).iter_errors(COMPOSE)] == []


def test_what_a_container_waits_for_exists_and_can_come_true() -> None:
    for name, target, condition in _dependencies():
        assert target in CONTAINERS, f"{name} waits for {target}"
        assert (condition == "service_healthy") == ("healthcheck" in CONTAINERS[target]), f"{name} on {target}"


def test_networks_and_volumes_are_declared() -> None:
    for container in CONTAINERS.values():
        assert set(container["networks"]) <= COMPOSE["networks"].keys()
        for source in (volume.split(":")[0] for volume in container.get("volumes", [])):
            assert (ROOT / source).exists() if source.startswith(".") else source in COMPOSE["volumes"]


def test_ports_of_the_host_are_given_once_and_only_to_this_machine() -> None:
    taken = [port.split(":")[1] for container in CONTAINERS.values() for port in container.get("ports", [])]
    assert len(taken) == len(set(taken))


def test_kafka_is_the_version_that_the_local_stack_runs() -> None:
    assert CONTAINERS["kafka"]["image"] == f"apache/kafka:{kafka_version()}"


def test_kafka_is_set_as_in_the_local_stack_where_both_speak() -> None:
    lines = (line for line in SETTINGS.read_text().splitlines() if "=" in line and not line.startswith("#"))
    local = {name: value for name, _, value in (line.partition("=") for line in lines)}
    here = CONTAINERS["kafka"]["environment"]
    agreed = {name for name in local if f"KAFKA_{name.upper().replace('.', '_')}" in here}
    assert {"auto.create.topics.enable", "replica.lag.time.max.ms", "message.max.bytes"} <= agreed
    for name in agreed - {"listener.security.protocol.map"}:
        assert here[f"KAFKA_{name.upper().replace('.', '_')}"] == local[name], name


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_runs_as_itself_with_settings_that_it_accepts(service: str) -> None:
    container = CONTAINERS[service]
    assert container["command"] == ["throughcare", "run", service]
    settings = from_environment(_filled_in(container["environment"]))
    assert settings.dsn == f"postgresql://throughcare_{service}:{service}@postgres:5432/throughcare"
    assert settings.kafka == "kafka:9092"
    assert settings.time == "live"
    assert (settings.http_host, settings.http_port) == ("0.0.0.0", 8080)  # noqa: S104 - inside its container
    assert container["read_only"]
    assert container["cap_drop"] == ["ALL"]


def test_every_role_is_given_the_password_that_its_service_uses() -> None:
    passwords = passwords_stated(_filled_in(CONTAINERS["migrate"]["environment"]))
    assert passwords.keys() == set(ROLES)


def test_prometheus_scrapes_every_service_and_nothing_else() -> None:
    settings = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text())
    targets = [target for job in settings["scrape_configs"] for of in job["static_configs"] for target in of["targets"]]
    assert sorted(targets) == sorted(f"{service}:8080" for service in SERVICES)


def test_the_image_is_not_root_and_takes_nothing_without_a_hash() -> None:
    recipe = (ROOT / "deploy/docker/Dockerfile").read_text()
    assert re.search(r"^USER 10001$", recipe, re.MULTILINE)
    assert "--require-hashes -r /build/requirements.lock" in recipe
    for source in re.findall(r"^COPY (?!--from)(.+) \S+$", recipe, re.MULTILINE):
        assert all((ROOT / path).exists() for path in source.split())


def _dependencies() -> Iterator[tuple[str, str, str]]:
    for name, container in CONTAINERS.items():
        for target, how in container.get("depends_on", {}).items():
            yield name, target, how["condition"]


def _filled_in(environment: dict[str, str]) -> dict[str, str]:
    """With the defaults of its variables."""
    return {name: re.sub(r"\$\{\w+:-(\w+)\}", r"\1", value) for name, value in environment.items()}
