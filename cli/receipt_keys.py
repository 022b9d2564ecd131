"""Public keys of receipts (回执公钥): from a JWK set in a file or at an address, or those of a local stack."""

import asyncio
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from cli.client import Client, Patience
from cli.problems import CLIENT_FAULTS
from cli.stack.layout import DEFAULT_FOLDER
from contracts.receipts import jwk_of

Keys = Sequence[Mapping[str, Any]]


class KeysUnreadable(ValueError):
    """The public keys cannot be read; the text says which and why."""


def read_keys(source: str | None, folder: Path = DEFAULT_FOLDER) -> Keys:
    """Public keys from a JWK set (file or address), or those of a local stack; raises KeysUnreadable."""
    source = source or os.environ.get("XUEWEI_RECEIPT_KEYS")
    if source is None:
        return _local_keys(folder)
    try:
        if source.startswith(("https://", "http://")):
            content: Any = asyncio.run(_fetch_keys(source))
        else:
            content = json.loads(Path(source).read_bytes())
        found = content["keys"] if isinstance(content, dict) else None
    except OSError as refused:
        raise KeysUnreadable(f"cannot read keys {source}: {refused.strerror}") from None
    except (ValueError, KeyError):
        found = None
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise KeysUnreadable(f"{source} is no JWK set")
    return found


def _local_keys(folder: Path) -> Keys:
    """The key the local stack signs with, its public half; no service need be up."""
    path = folder / "receipt-key.pem"
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except FileNotFoundError:
        raise KeysUnreadable(
            f"no keys: name a JWK set with --keys (GET /v1/receipt-keys of the national centre), "
            f"or a local stack's folder with --folder; there is no {path}"
        ) from None
    except ValueError:
        raise KeysUnreadable(f"{path} is no private key") from None
    assert isinstance(key, Ed25519PrivateKey)
    return [jwk_of(key.public_key())]


async def _fetch_keys(url: str) -> Any:
    where = httpx.URL(url)
    async with Client(str(where.copy_with(raw_path=b"/")), patience=Patience(seconds=20)) as client:
        try:
            return (await client.get(where.raw_path.decode())).json()
        except CLIENT_FAULTS as fault:
            raise KeysUnreadable(f"cannot read keys: {fault}") from None
