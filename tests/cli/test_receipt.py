"""`xuewei receipt verify`: valid, changed, of another key, no receipt at all."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from contracts.receipts import jwk_of, sign_receipt
from tests.cli.scripted_service import Answer, serving
from tests.cli.terminal import xuewei

KEY = Ed25519PrivateKey.generate()
SAID: dict[str, Any] = {
    "filing_number": "BA2026-32-000017",
    "batch_id": "0" * 32,
    "round": 1,
    "unit": {"code": "10284", "name": "南京大学"},
    "category": {"code": "X1", "name": "普通高等教育本科毕业生学士学位"},
    "resolution_number": "校学位〔2026〕18号",
    "filed_count": 120,
    "filed_at": "2026-06-28T12:00:00+08:00",
    "merkle_root": "1" * 64,
    "digests": {"original": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"},  # of b"x"
}


@pytest.fixture
def receipt(tmp_path: Path) -> Path:
    path = tmp_path / "receipt.json"
    path.write_bytes(sign_receipt(SAID, KEY))
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [jwk_of(KEY.public_key())]}))
    return path


def verify(receipt: Path, *words: str | Path) -> tuple[int, str]:
    told = xuewei("receipt", "verify", receipt, *words)
    return told.returncode, told.stdout + told.stderr


def test_a_valid_receipt_is_told_with_what_it_says(receipt: Path) -> None:
    code, text = verify(receipt, "--keys", receipt.with_name("keys.json"))
    assert code == 0
    assert text.startswith("valid")
    for part in ("BA2026-32-000017", "10284 南京大学", "120"):
        assert part in text
    assert "有效" in verify(receipt, "--keys", receipt.with_name("keys.json"), "--lang", "zh")[1]


def test_a_receipt_in_which_one_number_was_changed_is_not_valid(receipt: Path) -> None:
    receipt.write_bytes(receipt.read_bytes().replace(b'"filed_count": 120', b'"filed_count": 121'))
    code, text = verify(receipt, "--keys", receipt.with_name("keys.json"))
    assert (code, "changed after it was signed" in text) == (1, True)


def test_a_receipt_of_another_key_is_not_valid(receipt: Path) -> None:
    other = receipt.with_name("other.json")
    other.write_text(json.dumps({"keys": [jwk_of(Ed25519PrivateKey.generate().public_key())]}))
    code, text = verify(receipt, "--keys", other)
    assert (code, "not among the given ones" in text) == (1, True)


def test_what_is_no_receipt_cannot_be_read(receipt: Path) -> None:
    keys = receipt.with_name("keys.json")
    for content in (b"", b"%PDF-1.7", b"[1]", b'{"form": "another/1"}'):
        receipt.write_bytes(content)
        code, text = verify(receipt, "--keys", keys)
        assert (code, "not a receipt" in text) == (2, True)
    assert verify(receipt.with_name("nothing.json"), "--keys", keys)[0] == 2


def test_keys_that_cannot_be_read_are_told(receipt: Path) -> None:
    assert verify(receipt, "--keys", receipt.with_name("nothing.json"))[0] == 2
    code, text = verify(receipt, "--keys", receipt)
    assert (code, "no JWK set" in text) == (2, True)
    code, text = verify(receipt, "--folder", receipt.parent)
    assert (code, "--keys" in text) == (2, True)


def test_the_keys_of_a_local_stack_serve_although_nothing_runs(receipt: Path) -> None:
    pem = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (receipt.parent / "receipt-key.pem").write_bytes(pem)
    assert verify(receipt, "--folder", receipt.parent)[0] == 0


def test_keys_may_be_fetched_from_the_centre(receipt: Path) -> None:
    with serving(Answer(body={"keys": [jwk_of(KEY.public_key())]})) as centre:
        assert verify(receipt, "--keys", f"{centre.url}/v1/receipt-keys")[0] == 0
    assert [each.path for each in centre.asked] == ["/v1/receipt-keys"]


def test_the_file_a_receipt_is_about_is_recognised(receipt: Path) -> None:
    keys, original = receipt.with_name("keys.json"), receipt.with_name("records.csv")
    original.write_bytes(b"x")
    assert verify(receipt, "--keys", keys, "--original", original)[0] == 0
    original.write_bytes(b"y")
    code, text = verify(receipt, "--keys", keys, "--original", original)
    assert (code, "another file" in text) == (1, True)
