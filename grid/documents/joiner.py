"""The child process that joins PDF files; the only place that imports pikepdf.

Reads {"parts": [path, …], "out": path, "title": "…"} from stdin and copies the pages as they are: nothing is drawn
again. The parts' own metadata goes, as a title of theirs may be somebody's address.
"""

import errno
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pikepdf

# Ends that the parent has a sentence for.
DISK_FULL = 28
FULL = (errno.ENOSPC, errno.EDQUOT)


def joined(parts: Sequence[str], out: Path, title: str) -> None:
    """Written beside `out`, then put in its place."""
    unfinished = out.with_name(f"{out.name}.part")
    with pikepdf.new() as whole:
        for part in parts:
            with pikepdf.open(part) as pages:
                whole.pages.extend(pages.pages)
        whole.docinfo["/Title"] = title
        with unfinished.open("wb") as file:
            whole.save(file, object_stream_mode=pikepdf.ObjectStreamMode.generate)
            file.flush()
            os.fsync(file.fileno())
    unfinished.replace(out)


def main() -> int:
    asked = json.load(sys.stdin.buffer)
    try:
        joined(asked["parts"], Path(asked["out"]), asked["title"])
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return DISK_FULL if error.errno in FULL else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
