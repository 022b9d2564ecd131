"""The jobs of a first start do on real servers what docker-compose.yml relies on: databases, topics."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from cli.stack.kafka import RealKafka
from cli.stack.postgres import THROWAWAY, EmbeddedPostgres
from cli.stack.postgres_files import program_folder
from contracts.topics import TOPICS, ServiceName, dead_letters_of
from tests.deploy.compose import PROJECT, containers_of, read_compose

DAY_MS = 86_400_000


@pytest.fixture(scope="module")
def secrets_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("deploy") / "secrets"
    subprocess.run(
        ["sh", str(PROJECT / "deploy/make-secrets.sh"), str(folder)], check=True, capture_output=True
    )
    return folder


@pytest.fixture(scope="module")
def new_server(session_folder: Path, secrets_folder: Path) -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL on which deploy/postgres/create-databases.sh has just run, as in the container."""
    server = EmbeddedPostgres(session_folder / "first-start", settings=THROWAWAY)
    server.start()
    surroundings = {
        "PATH": f"{program_folder(None)}:{os.environ['PATH']}",
        "PGHOST": "127.0.0.1",
        "PGPORT": str(server.port),
        "PGPASSWORD": server.password,
        "SECRETS_FOLDER": str(secrets_folder),
    }
    script = PROJECT / "deploy/postgres/create-databases.sh"
    subprocess.run(["sh", str(script)], env=surroundings, check=True, timeout=60)
    yield server
    server.remove()


def url_for(server: EmbeddedPostgres, secrets: Path, role: str, database: str) -> str:
    password = (secrets / f"database_password_{role}").read_text()
    return f"postgresql://{role}:{password}@127.0.0.1:{server.port}/{database}"


@pytest.mark.parametrize("service", list(ServiceName))
async def test_a_service_may_make_tables_in_its_own_database(
    service: ServiceName, new_server: EmbeddedPostgres, secrets_folder: Path
) -> None:
    connection = await asyncpg.connect(url_for(new_server, secrets_folder, service, service))
    try:
        await connection.execute("create table trial (id int); drop table trial")
    finally:
        await connection.close()


@pytest.mark.parametrize("service", list(ServiceName))
async def test_a_service_cannot_enter_the_database_of_another(
    service: ServiceName, new_server: EmbeddedPostgres, secrets_folder: Path
) -> None:
    for foreign in sorted({*ServiceName, "keycloak"} - {service}):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await asyncpg.connect(url_for(new_server, secrets_folder, service, foreign))


@pytest.mark.parametrize("service", list(ServiceName))
async def test_the_migration_job_makes_the_tables_and_may_run_again(
    service: ServiceName, new_server: EmbeddedPostgres, secrets_folder: Path
) -> None:
    containers = containers_of(read_compose(PROJECT / "docker-compose.yml"))
    (job,) = [each for each in containers if each.service == service and each.words[-1] == "migrate"]
    mounted = {target: str(secrets_folder / secret) for secret, target in job.mounted_secrets.items()}
    given = {name: mounted.get(value, value) for name, value in job.environment.items()}
    own_url = url_for(new_server, secrets_folder, service, service)
    for _ in range(2):
        subprocess.run(
            [sys.executable, *job.words[1:]],
            cwd=PROJECT,
            env={"PATH": os.environ["PATH"], **given, "XUEWEI_DATABASE_URL": own_url},
            check=True,
            timeout=120,
            capture_output=True,
        )
    connection = await asyncpg.connect(own_url)
    try:
        tables = await connection.fetch("select tablename from pg_tables where schemaname = 'public'")
    finally:
        await connection.close()
    assert {"inbox", "outbox", "migrations"} <= {row["tablename"] for row in tables}


def test_the_address_a_service_is_given_holds_its_own_password(secrets_folder: Path) -> None:
    for service in ServiceName:
        password = (secrets_folder / f"database_password_{service}").read_text()
        url = (secrets_folder / f"database_url_{service}").read_text()
        assert url == f"postgresql://{service}:{password}@postgres:5432/{service}"


@pytest.mark.kafka
async def test_the_topics_job_makes_every_topic_as_the_table_says(real_kafka: RealKafka) -> None:
    (job,) = [
        each for each in containers_of(read_compose(PROJECT / "docker-compose.yml")) if each.name == "topics"
    ]
    words = [real_kafka.bootstrap if word == "kafka:9092" else word for word in job.words]
    assert words[0] == "python"
    subprocess.run([sys.executable, *words[1:]], cwd=PROJECT, check=True, timeout=120, capture_output=True)
    wanted = [*TOPICS, *(dead_letters_of(service) for service in ServiceName)]
    admin = AIOKafkaAdminClient(bootstrap_servers=real_kafka.bootstrap)
    await admin.start()
    try:
        for topic in wanted:
            (described,) = await admin.describe_topics([topic.name])
            assert len(described["partitions"]) == topic.partitions, topic.name
            assert await retention_ms(admin, topic.name) == topic.retention_days * DAY_MS, topic.name
    finally:
        await admin.close()


async def retention_ms(admin: AIOKafkaAdminClient, topic: str) -> int:
    (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    ((_, _, _, _, entries),) = answer.resources
    return next(int(entry[1]) for entry in entries if entry[0] == "retention.ms")
