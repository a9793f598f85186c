"""Reads an .xls, .et or .ods of stdin and says its rows as lines of JSON. Runs alone: `python -I confined_reader.py`.

The library that reads these kinds ends the whole process on some crafted files. So this one has nothing to lose: no
secrets, no files to write, no children, little memory and little time. Nothing here imports the application.
"""

import json
import sys
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

MEMORY = 512 * 1024 * 1024
SECONDS = 20
WIDEST, LONGEST = 200, 150_000


def confine() -> None:
    """Before anything is read; raises ImportError where the system has no such limits."""
    import resource

    limits = {
        resource.RLIMIT_AS: MEMORY,
        resource.RLIMIT_CPU: SECONDS,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: 32,
        resource.RLIMIT_CORE: 0,
    }
    for which, most in limits.items():
        resource.setrlimit(which, (most, most))


def say(what: Any) -> None:
    sys.stdout.write(json.dumps(what, ensure_ascii=False) + "\n")


def told(value: Any) -> Any:
    """A value as JSON has it; a day and a time say what they are."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e15 else value if value - value == 0 else None
    if isinstance(value, (datetime, date)):
        return {"day": value.isoformat()}
    if isinstance(value, (time, timedelta)):
        return str(value)
    return value if isinstance(value, (bool, int)) else (str(value) if str(value).strip() else None)


def read(content: bytes) -> None:
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    book = CalamineWorkbook.from_filelike(BytesIO(content))
    for about in book.sheets_metadata:
        if about.typ != SheetTypeEnum.WorkSheet:
            continue
        sheet = book.get_sheet_by_name(about.name)
        if sheet.end and (sheet.end[0] >= LONGEST or sheet.end[1] >= WIDEST):
            say({"far": about.name, "at": sheet.end})
            return
        ranges = [(first, last) for first, last in sheet.merged_cell_ranges or () if last[0] > first[0]]
        merged = [[first[1], first[0] + 1, last[0] + 1] for first, last in ranges[:LONGEST]]
        say({"sheet": about.name, "hidden": about.visible != SheetVisibleEnum.Visible, "merged": merged})
        above, before = sheet.start or (0, 0)
        for _blank in range(above):
            say([])
        for row in sheet.iter_rows():
            say([None] * before + [told(value) for value in row])
    say({"end": True})


if __name__ == "__main__":
    confine()
    try:
        read(sys.stdin.buffer.read())
    except Exception as damage:
        say({"failed": str(damage)[:200]})
    sys.stdout.flush()
