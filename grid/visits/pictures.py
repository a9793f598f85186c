"""Pictures from a phone's camera, made small and new: nothing the camera wrote beside the picture is left."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from threading import Lock

from PIL import Image, ImageOps

from grid.core.i18n import gettext as _
from grid.core.refusals import Refused

LONGEST_SIDE = 1280
SMALL_SIDE = 240
MOST_PIXELS = 50_000_000
QUALITY = 80
READ = ("JPEG", "PNG", "WEBP")
# What stands in the ninth to twelfth byte of an iPhone's own format.
HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"heif")

# The largest takes 200 MB while it is unpacked: one at a time.
_unpacking = Lock()


class TooLarge(Exception):
    """More pixels than are unpacked."""


@dataclass(frozen=True)
class Picture:
    """A JPEG as it is kept."""

    jpeg: bytes
    width: int
    height: int

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.jpeg).hexdigest()


def read_picture(name: str, given: bytes) -> Picture:
    """The picture in a file as sent, upright and small enough, or Refused with a sentence that names the file."""
    if given[4:8] == b"ftyp" and given[8:12] in HEIC:
        raise Refused(
            _("“%(name)s”是 HEIC 格式，这里打不开。请在相机设置里选“兼容性最佳”，或换成 JPEG。", name=name), "photos"
        )
    with _unpacking:
        try:
            return _made_new(given)
        except (TooLarge, Image.DecompressionBombError):
            raise Refused(_("“%(name)s”太大，最多 5000 万像素，请换一张。", name=name), "photos") from None
        except Exception:
            # Pillow's readers raise whatever the damage in a file leads to.
            raise Refused(_("“%(name)s”不是照片，或已经损坏，请换一张。", name=name), "photos") from None


def _made_new(given: bytes) -> Picture:
    with Image.open(BytesIO(given), formats=READ) as opened:
        # Only the head of the file was read so far.
        if opened.width * opened.height > MOST_PIXELS:
            raise TooLarge
        # Colours out of a palette can't be mixed.
        image = opened.convert("RGBA") if opened.mode in ("1", "P") else opened
        image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
        upright = ImageOps.exif_transpose(image)
    # Painted onto a new sheet, because a picture takes its notes along when it is saved.
    sheet = Image.new("RGB", upright.size, "white")
    seen = upright.convert("RGBA") if upright.has_transparency_data else upright.convert("RGB")
    sheet.paste(seen, mask=seen if seen.mode == "RGBA" else None)
    return Picture(_jpeg(sheet, QUALITY), *sheet.size)


def small(jpeg: bytes) -> bytes:
    """A kept picture the size of a thumbnail."""
    with Image.open(BytesIO(jpeg), formats=("JPEG",)) as opened:
        opened.thumbnail((SMALL_SIDE, SMALL_SIDE))
        return _jpeg(opened, 70)


def _jpeg(image: Image.Image, quality: int) -> bytes:
    written = BytesIO()
    image.save(written, "JPEG", quality=quality, optimize=True)
    return written.getvalue()
