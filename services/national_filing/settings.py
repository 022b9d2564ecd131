"""What national_filing is told from outside, beyond what every service is."""

from functools import cached_property
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import Field

from contracts.receipts import jwk_of
from services.kit.settings import ServiceSettings


class Settings(ServiceSettings):
    """Settings of the national centre's service."""

    receipt_key_path: Path = Field(description="Ed25519 private key (PEM, PKCS 8) that signs receipts")
    retired_receipt_keys_path: Path | None = Field(
        default=None, description="JWK set of earlier public keys, still served so that old receipts verify"
    )

    @cached_property
    def receipt_key(self) -> Ed25519PrivateKey:
        """The key that signs receipts; ValueError when the file holds another kind of key."""
        key = load_pem_private_key(self.receipt_key_path.read_bytes(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError("receipt_key_path must hold an Ed25519 key")  # noqa: TRY004 the file's content
        return key

    @cached_property
    def published_keys(self) -> list[Any]:
        """The public keys of receipts as JSON Web Keys: the present one first, then retired ones."""
        keys: list[Any] = [jwk_of(self.receipt_key.public_key())]
        if self.retired_receipt_keys_path is not None:
            keys += orjson.loads(self.retired_receipt_keys_path.read_bytes())["keys"]
        if not all(isinstance(key, dict) and "x" in key for key in keys):
            raise ValueError("retired_receipt_keys_path must hold a JSON Web Key Set of public keys")
        if any("d" in key for key in keys):
            raise ValueError("retired_receipt_keys_path holds a private key")
        return keys
