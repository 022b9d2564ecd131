"""Reads docker-compose.yml, and asks settings classes and the HTTP side of our services themselves."""

import asyncio
import importlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import yaml

from contracts.topics import ServiceName
from services.kit.http import build_app
from services.kit.settings import SECRETS_FOLDER, ServiceSettings

PROJECT = Path(__file__).resolve().parents[2]
IMAGE_OF_OURS = "xuewei:"
PREFIX = "XUEWEI_"

Spec = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Container:
    """One entry under `services:`; `module` is the Python module it runs, empty for other people's images."""

    name: str
    spec: Spec

    @property
    def is_ours(self) -> bool:
        return str(self.spec.get("image", "")).startswith(IMAGE_OF_OURS)

    @property
    def words(self) -> list[str]:
        return [str(word) for word in self.spec.get("command", [])]

    @property
    def module(self) -> str:
        return self.words[2] if self.words[:2] == ["python", "-m"] else ""

    @property
    def service(self) -> str:
        """The service of the table it belongs to; empty for the kit's jobs."""
        name = self.module.removeprefix("services.")
        return name if name in set(ServiceName) else ""

    @property
    def serves(self) -> bool:
        return bool(self.service) and len(self.words) == 3

    @property
    def environment(self) -> dict[str, str]:
        return {name: str(value) for name, value in self.spec.get("environment", {}).items()}

    @property
    def mounted_secrets(self) -> dict[str, str]:
        """Secret name → path in the container."""
        found: dict[str, str] = {}
        for each in self.spec.get("secrets", []):
            source = each if isinstance(each, str) else each["source"]
            target = source if isinstance(each, str) else each.get("target", source)
            found[source] = target if target.startswith("/") else f"/run/secrets/{target}"
        return found

    @property
    def given(self) -> dict[str, str]:
        """Settings fields it is given: field name → the variable or secret file that gives it."""
        variables = {
            name.removeprefix(PREFIX).lower(): name for name in self.environment if name.startswith(PREFIX)
        }
        files = {
            Path(path).name.removeprefix(PREFIX.lower()): path
            for path in self.mounted_secrets.values()
            if Path(path).parent == SECRETS_FOLDER
        }
        return variables | files


def read_compose(path: Path) -> Spec:
    """The file with `${NAME:-default}` replaced by the default, as for somebody who set nothing."""
    text = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", path.read_text(encoding="utf-8"))
    return yaml.safe_load(text)


def containers_of(compose: Spec) -> list[Container]:
    return [Container(name, spec) for name, spec in compose["services"].items()]


@cache
def settings_of(service: str) -> type[ServiceSettings]:
    """The one settings class a service's settings.py defines."""
    module = importlib.import_module(f"services.{service}.settings")
    (found,) = [
        each
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, ServiceSettings) and each.__module__ == module.__name__
    ]
    return found


@cache
def answers(path: str) -> bool:
    """Whether the HTTP side every service has knows this path (asked for real, in memory)."""

    async def ask() -> int:
        app = build_app("any", (), work=None, verifier=None)  # type: ignore[arg-type]
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            return (await client.get(path)).status_code

    return asyncio.run(ask()) == httpx.codes.OK
