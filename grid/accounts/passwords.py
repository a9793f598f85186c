"""Passwords: argon2id with parameters a small office PC bears (19 MiB, 2 passes: OWASP's minimum)."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 10
_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
_nobody = _hasher.hash("nobody has this password")


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Takes the same time for an unknown login, so that logins can't be guessed by the clock."""
    try:
        return _hasher.verify(password_hash or _nobody, password) and bool(password_hash)
    except (VerificationError, InvalidHashError):
        return False
