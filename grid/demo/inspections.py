"""A year of inspections in one invented community: most of what was amiss is put right, some of it is late."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from math import sin
from random import Random
from typing import Any

from sqlalchemy import select

from grid.core.clock import ZONE
from grid.core.db import db
from grid.demo.names import Names
from grid.demo.writing import Written, insert_all, insert_plain
from grid.register.models import Building, Site
from grid.services.checklist_actions import add_starter_checklists
from grid.services.models import Checklist, Inspection, InspectionItem

AMISS = {
    "safety": ("二楼拐角放着旧沙发", "一辆电动车停在门厅", "三楼灯不亮", "弱电箱门没关", "闭门器坏了"),
    "fire": ("一具灭火器过期", "水带缺一盘", "通道停了一辆面包车", "应急灯不亮", "配电箱旁堆着纸箱"),
    "hygiene": ("绿地有狗粪", "垃圾桶没盖", "单元门口有小广告", "花坛边有积水", "宣传栏内容过期"),
    "holiday": ("值班表没贴出来", "一具灭火器压力不足", "出口旁堆着年货", "还有两户老人没走访"),
}
RECHECKED = ("已清理干净", "已更换", "已修好", "已整改，拍照留底")
# The day before each holiday, by the calendar of most years.
HOLIDAYS = {
    (12, 30): "new_year", (2, 14): "spring", (4, 3): "qingming", (4, 29): "may_day",
    (6, 17): "dragon_boat", (9, 23): "mid_autumn", (9, 29): "national",
}  # fmt: skip
Row = dict[str, Any]


def write_inspections(written: Written, workers: Sequence[int], today: date) -> None:
    add_starter_checklists(None, written.community_id)
    db.session.flush()
    rounds = Rounds(written, workers, today)
    made = list(rounds.all())
    ids = insert_all(Inspection, [row for row, _items in made])
    insert_plain(
        InspectionItem,
        [item | {"inspection_id": id_} for id_, (_row, items) in zip(ids, made, strict=True) for item in items],
    )


class Rounds:
    """Who goes where on which day, and what they find."""

    def __init__(self, written: Written, workers: Sequence[int], today: date) -> None:
        self.id = written.community_id
        self.workers = workers
        self.today = today
        self.dice = Random(f"inspections/{self.id}")
        self.names = Names(self.dice)
        here = select(Checklist).where(Checklist.community_id == self.id).order_by(Checklist.id)
        self.lists = {one.kind: one for one in reversed(list(db.session.scalars(here)))}
        blocks = dict(zip(written.blocks, workers, strict=False))
        houses = select(Building.id, Building.block_id).where(Building.community_id == self.id)
        self.houses = [(house, blocks.get(block or 0, workers[0])) for house, block in db.session.execute(houses)]
        self.sites = list(db.session.scalars(select(Site.id).where(Site.community_id == self.id)))

    def all(self) -> Iterator[tuple[Row, list[Row]]]:
        for back in range(360, 0, -1):
            day = self.today - timedelta(days=back)
            if day.day == 10:
                yield from (
                    self._of(day, "safety", house) for house in self.dice.sample(self.houses, min(3, len(self.houses)))
                )
            if day.day == 20:
                yield self._of(day, "fire", None)
            if day.weekday() == 4:
                yield self._of(day, "hygiene", None)
            if (day.month, day.day) in HOLIDAYS:
                yield self._of(day, "holiday", None, HOLIDAYS[day.month, day.day])

    def _of(
        self, day: date, kind: str, house: tuple[int, int] | None, holiday: str | None = None
    ) -> tuple[Row, list[Row]]:
        checklist, at = self.lists[kind], datetime.combine(day, time(9, self.dice.randrange(60)), ZONE)
        worker = house[1] if house else self.dice.choice(self.workers)
        is_at_site = house is None and kind == "fire" and self.sites
        is_signed = kind != "hygiene"
        row = {
            "community_id": self.id,
            "checklist_id": checklist.id,
            "kind": kind,
            "holiday": holiday,
            "site_id": self.dice.choice(self.sites) if is_at_site else None,
            "building_id": house[0] if house else None,
            "place": None if house or is_at_site else "小区公共区域",
            "at": at,
            "inspectors": None,
            "content": None,
            "signer": self.names.full("1", 1975) if is_signed else None,
            "signature": _scrawl(self.dice) if is_signed else None,
            "recorded_by": worker,
            "recorded_at": at + timedelta(minutes=self.dice.randint(20, 70)),
        }
        return row, self._items(day, checklist, worker)

    def _items(self, day: date, checklist: Checklist, worker: int) -> list[Row]:
        wrong = self.dice.sample(range(len(checklist.items)), self.dice.choice((0, 0, 0, 1, 1, 2)))
        return [
            self._item(day, seq, words, checklist.kind, worker, seq - 1 in wrong)
            for seq, words in enumerate(checklist.items, start=1)
        ]

    def _item(self, day: date, seq: int, words: str, kind: str, worker: int, is_amiss: bool) -> Row:
        fine: bool | None = None if not is_amiss and self.dice.random() < 0.04 else not is_amiss
        put_right = day + timedelta(days=self.dice.randint(2, 9))
        is_open = not is_amiss or put_right >= self.today or ((self.today - day).days < 40 and self.dice.random() < 0.4)
        return {
            "community_id": self.id,
            "seq": seq,
            "words": words,
            "is_fine": fine,
            "note": self.dice.choice(AMISS[kind]) if is_amiss else None,
            "due_on": day + timedelta(days=7) if is_amiss else None,
            "rectified_on": None if is_open else put_right,
            "rechecked_by": None if is_open else worker,
            "recheck_note": None if is_open else self.dice.choice(RECHECKED),
        }


def _scrawl(dice: Random) -> str:
    """A signature of two or three quick strokes within 300 × 100."""
    path = ""
    for stroke in range(dice.choice((2, 3))):
        left, swing, lift = 30 + 85 * stroke, dice.uniform(0.35, 0.6), dice.uniform(0, 6)
        points = [(left + step * 3, round(50 + 28 * sin(lift + step * swing) + step % 3)) for step in range(26)]
        path += "".join(f"{'L' if n else 'M'}{x} {y}" for n, (x, y) in enumerate(points))
    return path
