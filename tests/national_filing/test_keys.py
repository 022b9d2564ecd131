"""The keys of receipts: served with the retired ones, and looked at when the service starts."""

from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from contracts.receipts import VerifiedReceipt, jwk_of, sign_receipt, verify_receipt
from services.national_filing.app import SERVICE
from tests.harness import running

PEM = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.fixture
def key_path(tmp_path: Path) -> Path:
    path = tmp_path / "key.pem"
    path.write_bytes(Ed25519PrivateKey.generate().private_bytes(*PEM))
    return path


async def test_a_receipt_of_a_retired_key_still_verifies(
    make_database: Callable[[], str], tmp_path: Path, key_path: Path
) -> None:
    retired, path = Ed25519PrivateKey.generate(), tmp_path / "retired.json"
    path.write_bytes(orjson.dumps({"keys": [jwk_of(retired.public_key())]}))
    async with running(
        SERVICE, make_database(), tmp_path, receipt_key_path=key_path, retired_receipt_keys_path=path
    ) as s:
        keys = (await s.http.get("/v1/receipt-keys")).json()["keys"]
    assert len(keys) == 2
    assert isinstance(verify_receipt(sign_receipt({"filed_count": 1}, retired), keys), VerifiedReceipt)


async def test_a_key_that_cannot_sign_shows_at_the_start(
    make_database: Callable[[], str], tmp_path: Path
) -> None:
    path = tmp_path / "rsa.pem"
    path.write_bytes(generate_private_key(65537, 2048).private_bytes(*PEM))
    with pytest.raises(ValueError, match="Ed25519"):
        async with running(SERVICE, make_database(), tmp_path, receipt_key_path=path):
            pass


@pytest.mark.parametrize("keys", [[{"kty": "OKP", "x": "a", "d": "secret"}], ["text"], [{"kty": "OKP"}]])
async def test_retired_keys_that_are_private_or_none_show_at_the_start(
    make_database: Callable[[], str], tmp_path: Path, key_path: Path, keys: list[object]
) -> None:
    path = tmp_path / "retired.json"
    path.write_bytes(orjson.dumps({"keys": keys}))
    with pytest.raises(ValueError, match="retired_receipt_keys_path"):
        async with running(
            SERVICE, make_database(), tmp_path, receipt_key_path=key_path, retired_receipt_keys_path=path
        ):
            pass
