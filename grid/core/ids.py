"""Opaque public ids: what stands in URLs and on paper instead of counting numbers."""

import secrets

# Base58 without the look-alikes 0 O I l, so that an id survives being read aloud.
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
LENGTH = 10


def public_id() -> str:
    """Ten random characters: 58 bits, unguessable behind the login they never replace."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
