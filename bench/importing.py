"""Import of a street: 100,000 people of 29 columns into 35,000 doors, each step in a fresh process, against openpyxl.

`python -m bench --only importing` measures nothing else. The raw side does nothing but go through the cells of the same
file with openpyxl, read only: the least that an import written with it could cost.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from flask_migrate import upgrade
from openpyxl import Workbook, load_workbook

from bench import load
from bench.figures import Figure
from grid import create_app
from grid.core.clock import today
from grid.core.config import instance_folder
from grid.core.db import db
from grid.exchange.actions import apply
from grid.exchange.planning import Order, plan_files
from grid.exchange.workbooks import read_sheets
from grid.register.actions import CommunityEntry, add_community
from grid.register.id_numbers import check_digit

PEOPLE, BUILDINGS, UNITS, FLOORS, ROOMS = 100_000, 175, 2, 25, 4
DOORS = BUILDINGS * UNITS * FLOORS * ROOMS
# Times bare openpyxl going through the cells; MB at the highest, Flask and SQLAlchemy with it.
READ, AGAINST_BARE, PEAK = 1.0, 3.0, 500.0
NAME = "长街社区"
DOOR_HEADINGS = ("楼号", "单元", "房间", "楼层", "总层数", "房屋类型", "建筑面积", "房屋状态")
HEADINGS = (
    "姓名", "与户主关系", "身份证号", "性别", "出生日期", "联系电话", "现住小区/建筑", "门牌地址", "所属网格",
    "人员类型", "是否重点人员", "重点类别", "户籍小区/建筑", "户籍地址", "户编号", "是否人户分离", "实际居住地",
    "是否已迁出", "迁出日期", "迁往地", "是否已死亡", "死亡日期", "民族", "政治面貌", "婚姻状况", "文化程度",
    "工作学习情况", "健康状况", "备注",
)  # fmt: skip
SURNAMES, GIVEN = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂英华玉秀文"
RELATIONS = ("户主", "配偶", "子", "女")


def doors() -> Iterator[Sequence[Any]]:
    yield DOOR_HEADINGS
    for n in range(DOORS):
        building, unit, floor, room = place(n)
        yield building, unit, floor * 100 + room, floor, FLOORS, "住宅", 60 + n % 90, "自住"


def place(n: int) -> tuple[int, int, int, int]:
    """Building, unit, floor and room of the nth door, each from 1."""
    rest, room = divmod(n, ROOMS)
    rest, floor = divmod(rest, FLOORS)
    building, unit = divmod(rest, UNITS)
    return building + 1, unit + 1, floor + 1, room + 1


def people() -> Iterator[Sequence[Any]]:
    yield HEADINGS
    before, at = -1, 0
    for n in range(PEOPLE):
        door = n * DOORS // PEOPLE
        at = 0 if door != before else at + 1
        before = door
        building, unit, floor, room = place(door)
        birth = f"{1940 + n % 80}{1 + n % 12:02}{1 + n % 28:02}"
        sex = 1 if at == 0 else 0
        id_no = f"99{n % 10000:04}{birth}{n // 1000 % 100:02}{sex}"
        name = SURNAMES[n % 20] + GIVEN[n // 20 % 26] + GIVEN[n // 520 % 26]
        yield (
            name, RELATIONS[min(at, 3)], id_no + check_digit(id_no), "男" if sex else "女", birth, f"1990{n:07}",
            f"{building}幢", f"{unit}单元{floor * 100 + room}室", "第1网格", "常住人口" if n % 5 else "流动人口", "0",
            None, f"{building}幢", None, f"CJ{door:05}", "0", None, "0", None, None, "0", None, "汉族", "群众",
            "已婚" if at < 2 else "未婚", "本科" if n % 3 else "初中", "在职" if at < 2 else "学生", "健康", None,
        )  # fmt: skip


def figures(engine: str) -> list[Figure]:
    """Of an empty database of their own: figures of the city stay as they are."""
    folder = instance_folder() / "bench" / f"import-{engine}"
    folder.mkdir(parents=True, exist_ok=True)
    url = load.sqlite_url(folder) if engine == "sqlite" else load.postgresql_url("I", folder)
    load.clear(url)
    for name, rows in (("people", people), ("doors", doors)):
        write(folder / f"{name}.xlsx", rows())
    said = {step: fresh(step, folder, url) for step in ("begin", "bare", "read", "plan", "write", "again")}
    bare = said["bare"]["cpu"]

    def against(name: str, step: str, limit: float | None) -> Figure:
        """Processor seconds: what else the machine does is not ours."""
        ratio = said[step]["cpu"] / bare
        ok = None if limit is None else ratio <= limit
        return Figure(name, engine, "L", said[step]["cpu"], "s", bare, ratio, limit, ok)

    def peak(name: str, step: str) -> Figure:
        most = said[step]["peak"]
        return Figure(name, engine, "L", most, "MB", said["bare"]["peak"], limit=PEAK, ok=most <= PEAK)

    wall, raw = PEOPLE / said["write"]["seconds"], PEOPLE / said["bare"]["seconds"]
    return [
        against("read 100,000 rows", "read", READ),
        against("plan 100,000 rows", "plan", AGAINST_BARE),
        against("plan them again", "again", AGAINST_BARE),
        against("plan and write them", "write", None),
        Figure("rows a second", engine, "L", wall, "", raw, wall / raw),
        peak("peak reading", "read"),
        peak("peak planning", "plan"),
        peak("peak again", "again"),
        peak("peak writing", "write"),
    ]


def write(path: Path, rows: Iterator[Sequence[Any]]) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("人员")
    for row in rows:
        sheet.append(row)
    book.save(path)


def fresh(step: str, folder: Path, url: str) -> dict[str, float]:
    """Seconds of a step on the clock and of the processor, and the most memory its process had, in MB."""
    env = dict(os.environ, GRID_INSTANCE=str(folder), DATABASE_URL=url)
    done = subprocess.run([sys.executable, "-m", "bench.importing", step], env=env, stdout=subprocess.PIPE, check=True)
    said: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return said


def begin() -> None:
    """A community with its doors."""
    upgrade()
    add_community(None, CommunityEntry(NAME))
    apply(None, plan_files(order("doors"), today()))


def order(kind: str) -> Order:
    name = "doors" if kind == "doors" else "people"
    return Order(kind, ((f"{name}.xlsx", content(name)),), NAME)


def content(name: str) -> bytes:
    return (Path(os.environ["GRID_INSTANCE"]) / f"{name}.xlsx").read_bytes()


def bare() -> None:
    book = load_workbook(Path(os.environ["GRID_INSTANCE"]) / "people.xlsx", read_only=True, data_only=True)
    counted = sum(1 for row in book.worksheets[0].iter_rows(values_only=True) if row[0] is not None)
    assert counted == PEOPLE + 1


def read() -> None:
    (sheet,) = read_sheets("people.xlsx", content("people"))
    assert sum(1 for row in sheet.rows if row.cells[0] is not None) == PEOPLE + 1


def plan() -> None:
    expect(plan_files(order("residents"), today()), "new")


def again() -> None:
    expect(plan_files(order("residents"), today()), "same")


def write_people() -> None:
    planned = plan_files(order("residents"), today())
    planned.digest  # noqa: B018  As it is compared before it is written.
    apply(None, planned)


def expect(planned: Any, outcome: str) -> None:
    if planned.counts[outcome] != PEOPLE:
        raise SystemExit(f"bench: {planned.counts}, {[line for line in planned.lines if line.remarks][:3]}")


STEPS: dict[str, Callable[[], None]] = {
    "begin": begin, "bare": bare, "read": read, "plan": plan, "write": write_people, "again": again,
}  # fmt: skip


def main() -> int:
    step = sys.argv[1]
    app = None if step in ("bare", "read") else create_app()
    began, spent = time.perf_counter(), time.process_time()
    if app is None:
        STEPS[step]()
    else:
        with app.app_context():
            STEPS[step]()
            db.session.rollback()
    said = {"seconds": time.perf_counter() - began, "cpu": time.process_time() - spent, "peak": highest()}
    print(json.dumps(said))
    return 0


def highest() -> float:
    """The most memory this process had, in MB; what getrusage tells is its parent's too."""
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


if __name__ == "__main__":
    sys.exit(main())
