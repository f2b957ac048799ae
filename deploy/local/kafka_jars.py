"""Apache Kafka's jars, fetched once by Maven into the user's cache, and what is missing when they cannot be
had. Once they are there, neither Maven nor the network is needed."""

import hashlib
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from deploy.local.guarded import held
from deploy.local.state import cache_folder

POM = Path(__file__).parents[1] / "kafka" / "pom.xml"
OLDEST_JAVA = 17


class KafkaMissingError(RuntimeError):
    """Apache Kafka cannot be run on this machine; the message says what is missing."""


def kafka_version() -> str:
    found = re.search(r"<kafka\.version>(.+?)<", POM.read_text())
    if found is None:
        raise KafkaMissingError(f"{POM} names no kafka.version")
    return found[1]


def what_is_missing() -> str | None:
    """Why no Apache Kafka can be run here, in words; None if it can. Does not use the network."""
    java = shutil.which("java")
    if java is None:
        return f"Java {OLDEST_JAVA} is not installed"
    version = _java_version(java)
    if version < OLDEST_JAVA:
        return f"Java {OLDEST_JAVA} or later is needed, not {version}"
    if not _jars().exists() and shutil.which("mvn") is None:
        return "Maven is not installed, and Kafka's jars have not been fetched yet"
    return None


def fetched_jars() -> Path:
    """The folder of jars. The first call downloads about 43 MB; it appears whole or not at all."""
    if reason := what_is_missing():
        raise KafkaMissingError(reason)
    jars = _jars()
    if jars.exists():
        return jars
    with held(jars.with_name(f"{jars.name}.lock"), patience_seconds=600):
        if not jars.exists():
            draft = Path(tempfile.mkdtemp(prefix=jars.name, dir=jars.parent))
            _download(draft)
            draft.rename(jars)
    return jars


def _jars() -> Path:
    """Another pom, another folder: an upgrade never mixes two versions."""
    return cache_folder() / f"kafka-{kafka_version()}-{hashlib.sha256(POM.read_bytes()).hexdigest()[:8]}"


def _download(draft: Path) -> None:
    maven = subprocess.run(  # noqa: S603
        ["mvn", "-q", "-B", "-f", str(POM), "dependency:copy-dependencies", f"-DoutputDirectory={draft}"],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    if maven.returncode or not any(draft.glob("kafka_*.jar")):
        shutil.rmtree(draft)
        raise KafkaMissingError(f"Maven could not fetch Kafka's jars: {(maven.stdout + maven.stderr)[-500:]}")


def _java_version(java: str) -> int:
    shown = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)  # noqa: S603
    found = re.search(r'version "(?:1\.)?(\d+)', shown.stderr + shown.stdout)
    return int(found[1]) if found else 0
