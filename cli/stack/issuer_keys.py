"""The local issuer's signing key, kept in the stack's folder, and what it signs."""

import secrets
import time
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

from cli.stack.private_files import write_private

ALGORITHM = "ES256"
TOKEN_SECONDS = 15 * 60
_KEY_NAME = "signing-key.pem"


def load_or_make_key(folder: Path) -> ECKey:
    """The issuer's ES256 key, made at first use, readable by its owner only."""
    path = folder / _KEY_NAME
    if not path.exists():
        key = ECKey.generate_key("P-256")
        write_private(path, key.as_pem(private=True))
    key = ECKey.import_key(path.read_bytes())
    return ECKey.import_key(
        key.as_dict(private=True), {"use": "sig", "alg": ALGORITHM, "kid": key.thumbprint()}
    )


def sign_token(key: ECKey, claims: dict[str, Any], *, token_type: str = "at+jwt") -> str:  # noqa: S107 - a media type
    """A JWT of these claims plus its times (real time); claims given win, so tests can make expired ones."""
    now = int(time.time())
    times = {"iat": now, "exp": now + TOKEN_SECONDS, "jti": secrets.token_hex(16)}
    return jwt.encode({"alg": ALGORITHM, "kid": key.kid, "typ": token_type}, times | claims, key)
