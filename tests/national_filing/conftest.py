"""The national centre's service under test, with a receipt key made for it."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from services.national_filing.app import SERVICE
from tests.harness import UnderTest, running


@pytest.fixture
async def s(make_database: Callable[[], str], tmp_path: Path) -> AsyncIterator[UnderTest]:
    path = tmp_path / "receipt.pem"
    key = Ed25519PrivateKey.generate()
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    async with running(SERVICE, make_database(), tmp_path, receipt_key_path=path) as under_test:
        yield under_test
