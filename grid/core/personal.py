"""Fields that identify a person: encrypted at rest, found by keyed hash, masked when shown."""

import base64
import hashlib
import hmac
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from sqlalchemy import String
from sqlalchemy.types import TypeDecorator

PREFIX = "1."


class Vault:
    """Encrypts deterministically (AES-SIV), so that saving the same value again is no change."""

    def __init__(self, key: str) -> None:
        seed = bytes.fromhex(key)
        self._cipher = AESSIV(seed[:32])
        self._hash_key = seed[32:]

    def seal(self, text: str) -> str:
        sealed = self._cipher.encrypt(text.encode(), None)
        return PREFIX + base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def open(self, token: str) -> str:
        if not token.startswith(PREFIX):
            return token
        body = token[len(PREFIX) :]
        sealed = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
        return self._cipher.decrypt(sealed, None).decode()

    def hash(self, kind: str, text: str) -> str:
        """Sixteen characters that find `text` again without telling it."""
        digest = hmac.digest(self._hash_key, f"{kind}:{text}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest[:12]).decode()


_vault: Vault | None = None


def use_key(key: str) -> None:
    """Set once, by create_app, from PERSONAL_KEY (64 bytes as hex)."""
    global _vault
    _vault = Vault(key)


def vault() -> Vault:
    if _vault is None:
        raise RuntimeError("PERSONAL_KEY is not set: create_app calls personal.use_key")
    return _vault


class Personal(TypeDecorator[str]):
    """An ID or phone number. Compares equal to itself in SQL because the cipher is deterministic."""

    impl = String(255)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        return None if value is None else vault().seal(value)

    def process_result_value(self, value: Any, dialect: Any) -> str | None:
        return None if value is None else vault().open(value)


def keyed_hash(kind: str, text: str) -> str:
    """The hash under which `text` (of a kind: 'id', 'phone', …) is kept for finding."""
    return vault().hash(kind, text)


def mask_id(number: str | None) -> str:
    """330106********1234: the region and the last four stay, the birthday does not."""
    if not number:
        return ""
    return _hidden(number, 6, 4) if len(number) >= 15 else _hidden(number, len(number) // 4, len(number) // 4)


def mask_phone(number: str | None) -> str:
    """138****5678; several numbers are parted by a semicolon."""
    if not number:
        return ""
    return "; ".join(_mask_one(part.strip()) for part in number.split(";"))


def _mask_one(number: str) -> str:
    return _hidden(number, 3, 4) if len(number) >= 11 else _hidden(number, len(number) // 4, len(number) // 4)


def _hidden(text: str, first: int, last: int) -> str:
    return text[:first] + "*" * (len(text) - first - last) + text[len(text) - last :]
