"""Where a unit's system finds the platform and who it is there: environment, a TOML file, or a local stack."""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.stack.layout import DEFAULT_FOLDER, StackFolder
from cli.tokens import ClientCredentials, TokenSource

ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="TOML file with who asks and where 配置文件")
]
FolderOption = Annotated[Path, typer.Option("--folder", help="a local stack to use 本机环境目录")]
UnitOption = Annotated[
    str | None, typer.Option("--unit", help="unit code at a local stack 本机环境中的单位码")
]


def _batch_id(text: str | None) -> str | None:
    if text is not None and not _BATCH_ID.fullmatch(text):
        raise typer.BadParameter("a batch id has 32 hexadecimal digits")
    return text


BatchArgument = Annotated[
    str, typer.Argument(metavar="BATCH", help="id of the batch 批次号", callback=_batch_id)
]
OptionalBatchArgument = Annotated[
    str | None,
    typer.Argument(metavar="[BATCH]", help="id of a batch; without: the stack 批次号", callback=_batch_id),
]
BatchOption = Annotated[
    str | None,
    typer.Option(
        "--batch", help="correct this batch with the one file named 更正已有批次", callback=_batch_id
    ),
]

_BATCH_ID = re.compile(r"[0-9a-f]{32}")
_FROM_ENVIRONMENT = {
    "client_id": "XUEWEI_CLIENT_ID",
    "client_secret": "XUEWEI_CLIENT_SECRET",
    "issuer": "XUEWEI_OIDC_ISSUER",
    "collector": "XUEWEI_COLLECTOR_URL",
}


class AccessUnknown(ValueError):
    """It is not said where the platform is or who asks; the text tells what is missing."""


@dataclass(frozen=True, slots=True)
class Access:
    """The collector's address and the tokens to come in with."""

    collector_url: str
    tokens: TokenSource


def find_access(
    config: Path | None,
    folder: Path = DEFAULT_FOLDER,
    unit: str | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Access:
    """From the config file and the environment (which wins), or from a local stack for the unit named.

    The config file has ``[client] id, secret or secret_path, issuer`` and ``[services] collector``.
    Raises AccessUnknown.
    """
    if unit is not None:
        return _local_access(folder, unit)
    known = _read_config(config) if config is not None else {}
    known |= {name: environment[word] for name, word in _FROM_ENVIRONMENT.items() if environment.get(word)}
    missing = [word for name, word in _FROM_ENVIRONMENT.items() if not known.get(name)]
    if missing:
        raise AccessUnknown(
            f"not known: {', '.join(missing)}: set them, name a file with --config, "
            "or name a unit of a local stack with --unit"
        )
    for name in ("issuer", "collector"):
        if not known[name].startswith(("https://", "http://")):
            raise AccessUnknown(
                f"{known[name]} is no address: {_FROM_ENVIRONMENT[name]} begins with https://"
            )
    credentials = ClientCredentials(known["issuer"], known["client_id"], known["client_secret"])
    return Access(known["collector"], credentials)


def _read_config(path: Path) -> dict[str, str]:
    try:
        content: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
        client, services = content.get("client", {}), content.get("services", {})
        secret = client.get("secret", "")
        if not secret and client.get("secret_path"):
            secret = (path.parent / client["secret_path"]).read_text("utf-8").strip()
    except OSError as refused:
        raise AccessUnknown(f"cannot read {refused.filename}: {refused.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, AttributeError) as wrong:
        raise AccessUnknown(f"{path} is no configuration: {wrong}") from None
    found = {
        "client_id": client.get("id"),
        "client_secret": secret,
        "issuer": client.get("issuer"),
        "collector": services.get("collector"),
    }
    return {name: str(value) for name, value in found.items() if value}


def _local_access(folder: Path, unit: str) -> Access:
    from cli.stack.people import load_directory  # noqa: PLC0415 - a local stack is there in development only
    from cli.stack.state import StackState  # noqa: PLC0415

    place = StackFolder(folder.resolve())
    state = StackState.load(place)
    if state is None or not place.is_locked():
        raise AccessUnknown(f"no stack is running in {place.path}: start one with xuewei up")
    try:
        client = load_directory().client_of(f"unit:{unit}")
    except LookupError as unknown:
        raise AccessUnknown(str(unknown)) from None
    secret = state.client_secrets[client.client_id]
    credentials = ClientCredentials(state.addresses["issuer"], client.client_id, secret)
    return Access(state.addresses["collector"], credentials)
