"""Receipts: signed once, verifiable by anybody offline, and no byte can be changed unseen."""

import orjson
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from contracts.receipts import (
    ReceiptFault,
    VerifiedReceipt,
    canonical,
    jwk_of,
    public_key,
    sign_receipt,
    verify_receipt,
)

KEY = Ed25519PrivateKey.generate()
KEYS = [jwk_of(KEY.public_key())]
RECEIPT = {"filing_number": "BA2026-32-000001", "filed_count": 3, "unit": {"name": "东南大学"}}


def test_a_signed_receipt_verifies() -> None:
    verified = verify_receipt(sign_receipt(RECEIPT, KEY), KEYS)
    assert isinstance(verified, VerifiedReceipt)
    assert verified.receipt["filing_number"] == "BA2026-32-000001"


def test_the_form_of_the_file_does_not_matter_only_what_it_says() -> None:
    again = orjson.dumps(orjson.loads(sign_receipt(RECEIPT, KEY)))
    assert isinstance(verify_receipt(again, KEYS), VerifiedReceipt)


def test_another_count_is_found() -> None:
    changed = sign_receipt(RECEIPT, KEY).replace(b'"filed_count": 3', b'"filed_count": 4')
    assert verify_receipt(changed, KEYS) is ReceiptFault.SIGNATURE_WRONG


def test_a_key_that_is_not_published_is_told() -> None:
    stranger = Ed25519PrivateKey.generate()
    assert verify_receipt(sign_receipt(RECEIPT, stranger), KEYS) is ReceiptFault.KEY_UNKNOWN


@given(st.data())
def test_no_flipped_byte_goes_unseen(data: st.DataObject) -> None:
    signed = bytearray(sign_receipt(RECEIPT, KEY))
    place = data.draw(st.integers(0, len(signed) - 1))
    signed[place] ^= data.draw(st.integers(1, 255))
    result = verify_receipt(bytes(signed), KEYS)
    if isinstance(result, VerifiedReceipt):  # only a change of white space or of an unused base64 bit is none
        assert canonical(result.receipt) == canonical(orjson.loads(sign_receipt(RECEIPT, KEY)))


@given(st.binary(max_size=200))
def test_nonsense_is_not_a_receipt(data: bytes) -> None:
    assert verify_receipt(data, KEYS) is ReceiptFault.NOT_A_RECEIPT


def test_canonical_form_is_that_of_rfc_8785() -> None:
    receipt = orjson.loads(sign_receipt(RECEIPT, KEY))
    unsigned = {name: value for name, value in receipt.items() if name != "signature"}
    assert canonical(receipt) == rfc8785.dumps(unsigned)


def test_other_kinds_of_keys_are_passed_over() -> None:
    assert public_key({"kty": "EC", "crv": "P-256"}) is None
    assert public_key({"kty": "OKP", "crv": "Ed25519", "x": "short"}) is None


def test_a_receipt_that_says_a_thing_twice_proves_neither() -> None:
    signed = sign_receipt(RECEIPT, KEY)
    twice = signed.replace(b'"filed_count": 3', b'"filed_count": 9999,\n  "filed_count": 3')
    assert twice != signed
    assert verify_receipt(twice, KEYS) is ReceiptFault.NOT_A_RECEIPT


def test_a_signature_is_written_in_one_way_only() -> None:
    receipt = orjson.loads(sign_receipt(RECEIPT, KEY))
    for other in (receipt["signature"] + "=", receipt["signature"] + "\n", "!" + receipt["signature"]):
        changed = orjson.dumps({**receipt, "signature": other})
        assert verify_receipt(changed, KEYS) is ReceiptFault.NOT_A_RECEIPT
