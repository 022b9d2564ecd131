"""The plan of the embedded stack: PostgreSQL, broker, issuer, mail catcher and the four services."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

import services
from cli.stack.broker import broker_command
from cli.stack.child_plan import ChildPlan, answers, launcher, listens, python_module
from cli.stack.layout import StackFolder
from cli.stack.options import StackOptions
from cli.stack.people import load_directory
from cli.stack.ports import LOOPBACK, free_ports, is_port_taken
from cli.stack.postgres import THROWAWAY, EmbeddedPostgres
from cli.stack.private_files import load_or_make_secrets, write_private
from contracts.topics import ServiceName
from services.kit.database import KIT_MIGRATIONS, migrate

_SERVICES_FOLDER = Path(services.__path__[0])
# Nothing waits in a buffer when a child is killed; pydantic does not look for plug-ins in every package installed.
# Memory of large files is given back at once, 60 MB of the collector's after 20,000 records (benchmarks/memory.py).
_LEAN_PYTHON = {
    "PYTHONUNBUFFERED": "1",
    "PYDANTIC_DISABLE_PLUGINS": "__all__",
    "MALLOC_MMAP_THRESHOLD_": "1048576",
    "MALLOC_ARENA_MAX": "2",
}
_OTHER_CHILDREN = ("postgres", "broker", "issuer", "smtp", "mail")


class PortTakenError(RuntimeError):
    """A port that was asked for by number is in use: says which and for what."""


class UnknownChildError(RuntimeError):
    """An option names a child that the stack does not have."""


@dataclass(frozen=True, slots=True)
class EmbeddedPlan:
    """The children to keep, and what a client must know to use them."""

    children: list[ChildPlan]
    addresses: dict[str, str]
    databases: dict[str, str]
    client_secrets: dict[str, str]


def choose_ports(wanted: dict[str, int]) -> dict[str, int]:
    """A port for everything that listens: the wanted ones (PortTakenError if in use), free ones for the rest."""
    names = [*_OTHER_CHILDREN, *ServiceName]
    for name, port in wanted.items():
        if name not in names:
            raise UnknownChildError(f"there is no child {name}; there are {', '.join(names)}")
        if is_port_taken(port):
            raise PortTakenError(
                f"port {port}, wanted for {name}, is taken: choose another, or leave it free"
            )
    rest = [name for name in names if name not in wanted]
    spare = [port for port in free_ports(len(names) + len(wanted)) if port not in wanted.values()]
    return dict(zip(rest, spare, strict=False)) | wanted


def plan_stack(folder: StackFolder, options: StackOptions) -> EmbeddedPlan:
    """Decides ports and secrets and plans every child; starts nothing."""
    return _Planner(folder, options).plan()


class _Planner:
    def __init__(self, folder: StackFolder, options: StackOptions) -> None:
        self._folder = folder
        self._options = options
        self._ports = choose_ports(options.ports)
        self._kafka = options.kafka or f"{LOOPBACK}:{self._ports['broker']}"
        settings = THROWAWAY if options.throwaway else {}
        self._postgres = EmbeddedPostgres(
            folder.path / "postgres",
            self._ports["postgres"],
            settings=settings,
            log_path=folder.log_path("postgres"),
        )
        self._passwords = load_or_make_secrets(folder.path / "database-passwords.json", ServiceName)

    def plan(self) -> EmbeddedPlan:
        directory = load_directory()
        children = [self._plan_postgres(), self._plan_issuer(), self._plan_mail()]
        if self._options.kafka is None:
            children.append(self._plan_broker())
        children += [self._plan_service(name) for name in ServiceName]
        return EmbeddedPlan(
            children=children,
            addresses=self._addresses(),
            databases={name: self._database_url(name) for name in ServiceName},
            client_secrets=load_or_make_secrets(
                self._folder.issuer / "client-secrets.json", directory.clients
            ),
        )

    def _addresses(self) -> dict[str, str]:
        addresses = {name: self._url(name) for name in ("issuer", "mail", *ServiceName)}
        return addresses | {
            "kafka": self._kafka,
            "smtp": f"{LOOPBACK}:{self._ports['smtp']}",
            "postgres": f"{LOOPBACK}:{self._ports['postgres']}",
            "objects": self._folder.objects.as_uri(),
        }

    def _url(self, name: str) -> str:
        return f"http://{LOOPBACK}:{self._ports[name]}"

    def _database_url(self, name: str) -> str:
        return self._postgres.url(name, owner=name, password=self._passwords[name])

    def _plan_postgres(self) -> ChildPlan:
        async def initialise() -> None:
            await asyncio.to_thread(self._postgres.initialise)

        async def is_ready() -> bool:
            return self._postgres.is_ready()

        return ChildPlan(
            name="postgres",
            launch=lambda: self._postgres.launch(self._ports["postgres"]),
            is_ready=is_ready,
            log_path=self._folder.log_path("postgres"),
            prepare=initialise,
            stop_ways=(signal.SIGINT, signal.SIGQUIT),
        )

    def _plan_broker(self) -> ChildPlan:
        port, log_path = self._ports["broker"], self._folder.log_path("broker")
        return ChildPlan(
            name="broker",
            launch=launcher(broker_command(self._folder.path / "broker", port), {}, log_path),
            is_ready=listens(port),
            log_path=log_path,
        )

    def _plan_issuer(self) -> ChildPlan:
        port, log_path = self._ports["issuer"], self._folder.log_path("issuer")
        environment = _environment(XUEWEI_ENVIRONMENT="development", XUEWEI_HTTP_PORT=str(port))
        command = python_module("cli.stack.issuer", str(self._folder.issuer))
        return ChildPlan(
            name="issuer",
            launch=launcher(command, environment, log_path),
            is_ready=answers(port, "/jwks"),
            log_path=log_path,
        )

    def _plan_mail(self) -> ChildPlan:
        smtp_port, http_port = self._ports["smtp"], self._ports["mail"]
        log_path = self._folder.log_path("mail")
        command = python_module("cli.stack.mail", str(self._folder.mail), str(smtp_port), str(http_port))
        return ChildPlan(
            name="mail",
            launch=launcher(command, _environment(), log_path),
            is_ready=listens(smtp_port, http_port),
            log_path=log_path,
        )

    def _plan_service(self, name: ServiceName) -> ChildPlan:
        log_path = self._folder.log_path(name)
        embedded = self._options.kafka is None
        return ChildPlan(
            name=name,
            launch=launcher(python_module(f"services.{name}"), self._service_environment(name), log_path),
            is_ready=answers(self._ports[name], "/health/ready"),
            log_path=log_path,
            needs=("postgres", "broker") if embedded else ("postgres",),
            falls_with=("broker",) if embedded else (),
            prepare=self._migration(name),
        )

    def _migration(self, name: ServiceName) -> Callable[[], Awaitable[None]]:
        """The service's own database, brought up to date in this process: another one would cost a second each."""

        async def bring_up_to_date() -> None:
            await self._postgres.create_database_in_loop(name, owner=name, password=self._passwords[name])
            await migrate(self._database_url(name), (KIT_MIGRATIONS, _SERVICES_FOLDER / name / "migrations"))

        return bring_up_to_date

    def _service_environment(self, name: ServiceName) -> dict[str, str]:
        kafka = self._options.kafka
        return _environment(
            XUEWEI_ENVIRONMENT="development",
            XUEWEI_HTTP_HOST=LOOPBACK,
            XUEWEI_HTTP_PORT=str(self._ports[name]),
            XUEWEI_PUBLIC_URL=self._url(name),
            XUEWEI_DATABASE_URL=self._database_url(name),
            XUEWEI_KAFKA_BOOTSTRAP_SERVERS=self._kafka,
            XUEWEI_KAFKA_IDEMPOTENT_PRODUCER="false" if kafka is None else "true",
            XUEWEI_KAFKA_SESSION_TIMEOUT_MS="3000" if kafka is None else "6000",
            XUEWEI_KAFKA_FETCH_MAX_WAIT_MS="25",
            # The embedded broker looks into each partition at each fetch: 12 cost a third of a core.
            XUEWEI_KAFKA_PARTITIONS_MAX="2" if kafka is None else "100",
            XUEWEI_OBJECT_STORE_URL=self._folder.objects.as_uri(),
            XUEWEI_OIDC_ISSUER=self._url("issuer"),
            XUEWEI_OIDC_AUDIENCE="xuewei",
            XUEWEI_SMTP_HOST=LOOPBACK,
            XUEWEI_SMTP_PORT=str(self._ports["smtp"]),
            XUEWEI_TRACE_PATH=str(self._folder.traces / f"{name}.jsonl"),
            XUEWEI_CLOCK_OFFSET_PATH=str(self._folder.clock_offset_path),
            XUEWEI_CRASHPOINT_PATH=str(self._folder.crash_points / name),
            **self._receipt_key(name),
            **self._options.settings.get("*", {}),
            **self._options.settings.get(name, {}),
        )

    def _receipt_key(self, name: ServiceName) -> dict[str, str]:
        """Only the service that signs receipts is told where the key is (made at first use, Ed25519)."""
        if name is not ServiceName.NATIONAL_FILING:
            return {}
        path = self._folder.path / "receipt-key.pem"
        if not path.exists():
            key = Ed25519PrivateKey.generate()
            write_private(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return {"XUEWEI_RECEIPT_KEY_PATH": str(path)}


def _environment(**settings: str) -> dict[str, str]:
    """Our own environment without settings meant for other services, plus these."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("XUEWEI_")}
    inherited.pop("PYTHONDONTWRITEBYTECODE", None)  # else each start of each service compiles it again
    return inherited | _LEAN_PYTHON | settings
