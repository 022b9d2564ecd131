"""The receipt (回执): what proves for ever that records were filed, signed with Ed25519, verifiable offline.

A receipt is JSON; its signature covers the canonical JSON (RFC 8785) of all members but ``signature``.
Keys are published as a JSON Web Key Set (RFC 8037, OKP/Ed25519); ``key_id`` is the RFC 7638 thumbprint.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

FORM = "xuewei-receipt/1"
SIGNATURE = "signature"


class ReceiptFault(StrEnum):
    """Why a receipt does not prove anything."""

    NOT_A_RECEIPT = "not-a-receipt"
    KEY_UNKNOWN = "key-unknown"
    SIGNATURE_WRONG = "signature-wrong"


@dataclass(frozen=True, slots=True)
class VerifiedReceipt:
    """A receipt whose signature holds, and the key that made it."""

    receipt: Mapping[str, Any]
    key_id: str


def canonical(receipt: Mapping[str, Any]) -> bytes:
    """The bytes the signature covers: canonical JSON (RFC 8785) of all members but the signature.

    Receipts hold text, whole numbers and lists only, for which sorted compact JSON is the canonical form.
    """
    return orjson.dumps(
        {name: value for name, value in receipt.items() if name != SIGNATURE}, option=orjson.OPT_SORT_KEYS
    )


def sign_receipt(receipt: Mapping[str, Any], key: Ed25519PrivateKey) -> bytes:
    """The signed receipt as pretty-printed JSON bytes, the form that is handed out and stored."""
    unsigned = {"form": FORM, **receipt, "key_id": key_id(key.public_key())}
    signature = base64.urlsafe_b64encode(key.sign(canonical(unsigned))).rstrip(b"=").decode()
    return orjson.dumps({**unsigned, SIGNATURE: signature}, option=orjson.OPT_INDENT_2)


def verify_receipt(data: bytes, keys: Sequence[Mapping[str, Any]]) -> VerifiedReceipt | ReceiptFault:
    """Checks a receipt against published keys (members of a JWK set); a fault says what is wrong."""
    try:
        receipt: Any = orjson.loads(data)
        json.loads(data, object_pairs_hook=_each_once)
        if receipt["form"] != FORM:
            return ReceiptFault.NOT_A_RECEIPT
        wanted, signature = str(receipt["key_id"]), _from_base64(str(receipt[SIGNATURE]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return ReceiptFault.NOT_A_RECEIPT
    for jwk in keys:
        public = public_key(jwk)
        if public is not None and key_id(public) == wanted:
            try:
                public.verify(signature, canonical(receipt))
            except InvalidSignature:
                return ReceiptFault.SIGNATURE_WRONG
            return VerifiedReceipt(receipt, wanted)
    return ReceiptFault.KEY_UNKNOWN


def jwk_of(key: Ed25519PublicKey) -> dict[str, str]:
    """The public key as a JSON Web Key (RFC 8037)."""
    raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return {"kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": key_id(key), "x": _to_base64(raw)}


def public_key(jwk: Mapping[str, Any]) -> Ed25519PublicKey | None:
    """The Ed25519 key in a JSON Web Key; None when it is another kind of key."""
    if jwk.get("kty") != "OKP" or jwk.get("crv") != "Ed25519":
        return None
    try:
        return Ed25519PublicKey.from_public_bytes(_from_base64(str(jwk["x"])))
    except (KeyError, ValueError):
        return None


def key_id(key: Ed25519PublicKey) -> str:
    """The key's RFC 7638 thumbprint."""
    raw = _to_base64(key.public_bytes(Encoding.Raw, PublicFormat.Raw))
    members = f'{{"crv":"Ed25519","kty":"OKP","x":"{raw}"}}'
    return _to_base64(hashlib.sha256(members.encode()).digest())


def _each_once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object's members; ValueError when one is said twice: readers would differ in which of them they show."""
    value = dict(members)
    if len(value) != len(members):
        raise ValueError("a member is said twice")
    return value


def _to_base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _from_base64(text: str) -> bytes:
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _to_base64(data) != text:
        raise ValueError("not the one way to write these bytes")
    return data
