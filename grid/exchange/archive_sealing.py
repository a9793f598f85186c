"""An archive under a passphrase: chunks of AES-GCM with a key by scrypt; read from anywhere, never whole in memory.

After the header each chunk is sealed with its number and whether it is the last: none can be left out, exchanged or
cut off at the end.
"""

import hmac
import io
import os
import struct
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from grid.core.i18n import _
from grid.exchange.workbooks import Unreadable

MAGIC = b"YIHU-SEALED-1\n"
SHORTEST = 8
CHUNK = 1 << 16
TAG = 16
# 64 MiB and a third of a second for every guess.
COST = {"n": 1 << 16, "r": 8, "p": 1}
SALT, PREFIX, CHECK = 16, 7, 16
HEADER = len(MAGIC) + SALT + PREFIX + CHECK


def is_sealed(file: BinaryIO) -> bool:
    file.seek(0)
    found = file.read(len(MAGIC)) == MAGIC
    file.seek(0)
    return found


def _keys(passphrase: str, salt: bytes) -> tuple[AESGCM, bytes]:
    """The cipher, and bytes in the header that tell a wrong passphrase at once."""
    made = Scrypt(salt=salt, length=32 + CHECK, **COST).derive(passphrase.encode())
    return AESGCM(made[:32]), made[32:]


def _nonce(prefix: bytes, number: int, is_last: bool) -> bytes:
    return prefix + struct.pack(">IB", number, is_last)


class Sealing(io.RawIOBase):
    """What is written here stands sealed in the file below; whole once it is closed."""

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        salt, self._prefix = os.urandom(SALT), os.urandom(PREFIX)
        self._cipher, check = _keys(passphrase, salt)
        self._header = MAGIC + salt + self._prefix + check
        self._file, self._number, self._waiting = file, 0, bytearray()
        file.write(self._header)

    def writable(self) -> bool:
        return True

    def write(self, content: bytes) -> int:  # type: ignore[override]
        self._waiting += content
        # The last chunk is told by closing: one is always kept back.
        while len(self._waiting) > CHUNK:
            self._seal(bytes(self._waiting[:CHUNK]), is_last=False)
            del self._waiting[:CHUNK]
        return len(content)

    def _seal(self, chunk: bytes, is_last: bool) -> None:
        nonce = _nonce(self._prefix, self._number, is_last)
        self._file.write(self._cipher.encrypt(nonce, chunk, self._header))
        self._number += 1

    def close(self) -> None:
        if not self.closed:
            self._seal(bytes(self._waiting), is_last=True)
        super().close()


class Opened(io.RawIOBase):
    """The content of a sealed file; raises Unreadable where the passphrase is wrong or a chunk was altered."""

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        size = file.seek(0, os.SEEK_END) - HEADER
        file.seek(0)
        self._header = file.read(HEADER)
        if size < TAG:
            raise Unreadable(_("档案包不完整，没有导入。请重新拷贝一次再试。"))
        salt = self._header[len(MAGIC) :][:SALT]
        self._prefix = self._header[len(MAGIC) + SALT :][:PREFIX]
        self._cipher, check = _keys(passphrase, salt)
        if not hmac.compare_digest(check, self._header[-CHECK:]):
            raise Unreadable(_("口令不对。请输入导出这个档案包时定的口令。"))
        self._file, self._at, self._held = file, 0, (-1, b"")
        self._chunks = -(-size // (CHUNK + TAG))
        self._size = size - TAG * self._chunks

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if self._at >= self._size:
            return 0
        chunk = self._chunk(self._at // CHUNK)
        part = chunk[self._at % CHUNK :][: len(buffer)]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)

    def _chunk(self, number: int) -> bytes:
        if self._held[0] != number:
            self._file.seek(HEADER + number * (CHUNK + TAG))
            sealed = self._file.read(CHUNK + TAG)
            nonce = _nonce(self._prefix, number, number == self._chunks - 1)
            try:
                self._held = (number, self._cipher.decrypt(nonce, sealed, self._header))
            except InvalidTag:
                raise Unreadable(_("档案包损坏或被改过，没有导入。请重新拷贝一次再试。")) from None
        return self._held[1]
