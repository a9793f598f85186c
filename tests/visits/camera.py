"""Files as a phone's camera sends them."""

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image

GPS = 0x8825


def photo(width: int = 1600, height: int = 1200, colour: str = "#7799bb", kind: str = "JPEG", **saved: Any) -> bytes:
    written = BytesIO()
    Image.new("RGB", (width, height), colour).save(written, kind, **saved)
    return written.getvalue()


def telling_photo() -> bytes:
    """A phone held upright: turned by a note, with the place, the camera, a colour profile and a comment in it."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F], exif[0x0110] = "SecretMaker", "SecretModel"
    exif[GPS] = {1: "N", 2: (30.0, 31.0, 12.5), 3: "E", 4: (114.0, 24.0, 3.25)}
    notes = {"exif": exif.tobytes(), "icc_profile": b"SecretProfile" * 20, "comment": b"SecretComment"}
    # Left half red: upright, after a quarter turn to the right, it is the upper half.
    image = Image.new("RGB", (1600, 1200), "blue")
    image.paste("red", (0, 0, 800, 1200))
    written = BytesIO()
    image.save(written, "JPEG", xmp=b"<x>SecretXmp</x>", **notes)
    return written.getvalue()


def bomb(side: int) -> bytes:
    """A PNG that says how large it is: at 60,000 × 60,000 it would unpack to ten gigabytes."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


def segments(jpeg: bytes) -> list[int]:
    """The markers of a JPEG up to its picture."""
    found, at = [], 2
    while at < len(jpeg):
        marker, length = jpeg[at + 1], int.from_bytes(jpeg[at + 2 : at + 4], "big")
        found.append(marker)
        if marker == 0xDA:
            break
        at += 2 + length
    return found
