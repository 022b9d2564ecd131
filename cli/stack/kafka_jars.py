"""What a real Apache Kafka needs before it can start: its jars, a class archive and a formatted folder.

Everything is made once and kept in a cache folder (`$XUEWEI_CACHE`, else `.xuewei` of the project), so that
a later start takes about a second. Source: KIP-631 (KRaft), JEP 350 (dynamic class archives).
"""

import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
DEPLOY = PROJECT / "deploy" / "kafka"
JAVA_VERSION_MIN = 17
FETCH_SECONDS_MAX = 600


class KafkaUnavailableError(RuntimeError):
    """No real Kafka can run here; the text says what is missing and where to get it."""


def cache_folder() -> Path:
    """The folder for what is fetched or made once and may be deleted at any time."""
    return Path(os.environ.get("XUEWEI_CACHE") or PROJECT / ".xuewei")


def require_tools() -> None:
    """Java ≥ 17 to run the broker, Maven to fetch it; raises KafkaUnavailableError naming the missing one."""
    java = shutil.which("java")
    if java is None:
        raise KafkaUnavailableError("java is missing: Apache Kafka 4 needs Java 17 or later")
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', said)
    if version is None or int(version[1]) < JAVA_VERSION_MIN:
        raise KafkaUnavailableError(
            f"Apache Kafka 4 needs Java 17 or later, here is: {said.splitlines()[:1]}"
        )
    if not _have_jars() and shutil.which("mvn") is None:
        raise KafkaUnavailableError("mvn is missing: Maven fetches Apache Kafka (deploy/kafka/pom.xml)")
    if not DEPLOY.is_dir():
        raise KafkaUnavailableError(f"{DEPLOY} is missing: a real Kafka runs from a checkout of the project")


def jars_folder() -> Path:
    """Where the jars of this pom.xml lie; another pom.xml (a new Kafka) gets another folder."""
    version = re.search(r"<kafka\.version>([^<]+)<", (DEPLOY / "pom.xml").read_text(encoding="utf-8"))
    return cache_folder() / "kafka-jars" / (version[1] if version else "unknown")


def class_archive() -> Path:
    """The class archive (AppCDS) that takes half a node's start away; absent until the first run ended."""
    return _beside_jars("jsa")


def formatted_folder() -> Path:
    """A node's freshly formatted folder, to be copied."""
    return _beside_jars("formatted")


def fetch_jars() -> Path:
    """Fetches Kafka's jars by Maven unless they are here; several processes may ask at once."""
    require_tools()
    with _only_one(cache_folder() / "kafka-jars.lock"):
        if not _have_jars():
            part = _beside_jars("part")
            shutil.rmtree(part, ignore_errors=True)
            _maven_copies_jars(part)
            part.rename(jars_folder())
    return jars_folder()


def java_command(*flags: str) -> list[str]:
    """The start of a command line that runs one of Kafka's classes quietly in a small heap."""
    return [
        shutil.which("java") or "java",
        "-Xms256m",
        "-Xmx256m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:-UsePerfData",
        "-Xshare:auto",
        "-Xlog:disable",
        "-Xlog:all=error:stderr",
        f"-Dlog4j2.configurationFile={DEPLOY / 'log4j2.properties'}",
        *flags,
        "-cp",
        f"{jars_folder()}/*",
    ]


def format_once(properties: Path, cluster_id: str) -> Path:
    """Formats a folder for KRaft (a second of Java) and keeps it as the pattern for every later node."""
    target = formatted_folder()
    with _only_one(cache_folder() / "kafka-jars.lock"):
        if not target.is_dir():
            part = _beside_jars("formatting")
            shutil.rmtree(part, ignore_errors=True)
            own = _beside_jars("properties")
            own.write_text(properties.read_text(encoding="utf-8") + f"\nlog.dirs={part}\n", encoding="utf-8")
            tool = ["kafka.tools.StorageTool", "format", "-t", cluster_id, "-c", str(own)]
            _run_or_say(java_command() + tool, FETCH_SECONDS_MAX)
            own.unlink()
            part.rename(target)
    return target


def _beside_jars(what: str) -> Path:
    return jars_folder().with_name(f"{jars_folder().name}-{what}")


def _have_jars() -> bool:
    return jars_folder().is_dir()


def _maven_copies_jars(folder: Path) -> None:
    goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={folder}"]
    _run_or_say(["mvn", "-B", "-q", "-f", str(DEPLOY / "pom.xml"), *goal], FETCH_SECONDS_MAX)


def _run_or_say(command: list[str], seconds: float) -> None:
    ended = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
    if ended.returncode != 0:
        said = (ended.stdout + ended.stderr)[-2000:]
        raise KafkaUnavailableError(f"{Path(command[0]).name} ended with {ended.returncode}: {said}")


@contextmanager
def _only_one(lock: Path) -> Iterator[None]:
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
