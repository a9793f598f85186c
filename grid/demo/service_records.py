"""A year of services for the households of one invented community that need some."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from grid.core.clock import ZONE
from grid.demo import invention
from grid.demo.writing import Written, insert_all
from grid.services.models import ServiceRecord

RECORDS = 200
# tag: kind, what was done, outcome, yuan, gift.
DONE: dict[str, tuple[tuple[str, str, str, int | None, str | None], ...]] = {
    "low_income": (
        ("allowance", "低保年审材料已收齐上报。", "going_on", None, None),
        ("allowance", "发放本月低保金。", "done", 760, None),
        ("comfort", "春节前上门慰问。", "done", 500, "大米 10 斤、食用油一桶"),
    ),
    "extreme_poverty": (("allowance", "发放特困供养金。", "done", 1200, None),),
    "disabled": (
        ("disabled", "陪同到评定医院办理残疾证换证。", "done", None, None),
        ("disabled", "轮椅送到家，教会使用。", "done", None, "轮椅一辆"),
        ("recovery", "联系康复站，每周两次上门。", "going_on", None, None),
    ),
    "aged_80": (
        ("elderly", "代办高龄津贴申领。", "done", 100, None),
        ("comfort", "重阳节慰问高龄老人。", "done", None, "牛奶一箱"),
        ("insurance", "帮助完成养老待遇资格认证。", "done", None, None),
    ),
    "incapacitated": (("elderly", "申请居家护理补贴。", "not_eligible", None, None),),
    "unemployed": (
        ("job", "推荐超市收银岗位，已上岗。", "employed", None, None),
        ("job", "报名参加家政技能培训。", "trained", None, None),
        ("job", "登记求职意向，推送三个岗位。", "going_on", None, None),
    ),
    "child_in_need": (("student", "申请助学金并送去书包文具。", "done", 1000, "书包文具一套"),),
    "veteran": (("comfort", "八一前走访慰问退役军人。", "done", None, "水果一箱"),),
}


def write_service_records(made: invention.Community, written: Written, workers: Sequence[int], today: date) -> None:
    dice = Random(f"services/{written.community_id}")
    block_of = {house.no: house.block - 1 for house in made.buildings}
    asking = [
        (index, stay.person, tag)
        for index, home in enumerate(made.homes)
        for stay in home.present()
        for tag in stay.person.tags
        if tag in DONE
    ]
    rows: list[dict[str, Any]] = []
    for index, person, tag in (dice.choice(asking) for _ in range(RECORDS if asking else 0)):
        kind, content, outcome, amount, gift = dice.choice(DONE[tag])
        day = today - timedelta(days=dice.randint(1, 360))
        rows.append(
            {
                "community_id": written.community_id,
                "household_id": written.homes[index],
                "person_id": written.people[id(person)],
                "kind": kind,
                "on_day": day,
                "content": content,
                "outcome": outcome,
                "amount": amount,
                "gift": gift,
                "recorded_by": workers[block_of[made.homes[index].door.building]],
                "recorded_at": datetime.combine(day, time(16, dice.randrange(60)), ZONE),
            }
        )
    insert_all(ServiceRecord, sorted(rows, key=lambda row: row["recorded_at"]))
