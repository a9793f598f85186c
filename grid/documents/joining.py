"""The parts of a batch become one PDF: by a process of its own, which gives its memory back."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from grid.core.i18n import _
from grid.documents.printing import PrintingFailed, child_environment

JOINER = Path(__file__).with_name("joiner.py")
# As joiner.py ends.
DISK_FULL = 28


def join(parts: Sequence[Path], out: Path, timeout: float, title: str = "") -> None:
    """All pages of `parts`, in order, in the PDF `out`, which is there whole or not at all. Raises PrintingFailed.

    Give each of several at the same time an `out` of its own: what is unfinished lies beside it as `….part`.
    """
    asked = json.dumps({"parts": [str(part) for part in parts], "out": str(out), "title": title or out.stem})
    try:
        ended = subprocess.run(
            [sys.executable, "-P", str(JOINER)],
            input=asked.encode(),
            capture_output=True,
            timeout=timeout,
            env=child_environment(),
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise PrintingFailed(_("合并各部分的时间太长，已经停下。请分几次打印。"), str(late)) from late
    finally:
        out.with_name(f"{out.name}.part").unlink(missing_ok=True)
    if ended.returncode:
        raise failure(ended.returncode, ended.stderr.decode("utf-8", "replace")[-2000:])


def failure(code: int, detail: str) -> PrintingFailed:
    if code == DISK_FULL:
        return PrintingFailed(_("磁盘满了，没有合并。请腾出空间后再试，已经排好的部分都还在。"), detail)
    return PrintingFailed(_("合并各部分时出了错。请再试一次；还不行，请把时间告诉管理员。"), detail)
