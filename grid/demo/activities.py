"""A year of lectures, boards, meetings, theme days and feasts in one invented community."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from grid.core.clock import ZONE
from grid.demo.writing import Written, insert_all, insert_plain
from grid.services.models import Activity, ActivityHousehold

# month: topic, audience and title of the month's lecture.
LECTURES = {
    1: ("health", "elderly", "冬季心脑血管保健讲座"), 2: ("safety", "residents", "节日用火用电安全讲座"),
    3: ("legal", "women", "妇女权益保障法律讲座"), 4: ("health", "residents", "春季传染病预防讲座"),
    5: ("safety", "residents", "防灾减灾与应急避险讲座"), 6: ("legal", "residents", "反诈骗讲座"),
    7: ("health", "residents", "防暑降温知识讲座"), 8: ("health", "floating", "流动人口健康知识讲座"),
    9: ("health", "elderly", "老年人合理用药讲座"), 10: ("health", "elderly", "高血压防治讲座"),
    11: ("safety", "residents", "冬季消防安全讲座"), 12: ("legal", "residents", "宪法宣传讲座"),
}  # fmt: skip
THEME_DAYS = (
    (1, 10, "safety", "人民警察节", "110 宣传进小区"), (2, 4, "health", "世界癌症日", "防癌知识宣传"),
    (3, 5, "help", "学雷锋纪念日", "学雷锋便民服务"), (3, 24, "health", "世界防治结核病日", "结核病防治宣传"),
    (4, 7, "health", "世界卫生日", "世界卫生日义诊"), (4, 25, "health", "全国儿童预防接种日", "预防接种咨询"),
    (5, 12, "safety", "全国防灾减灾日", "防灾减灾演练"), (5, 31, "health", "世界无烟日", "无烟小区宣传"),
    (6, 26, "legal", "国际禁毒日", "禁毒宣传进小区"), (7, 28, "health", "世界肝炎日", "肝炎防治宣传"),
    (8, 8, "culture", "全民健身日", "全民健身日健步走"), (9, 20, "health", "全国爱牙日", "口腔义诊"),
    (10, 8, "health", "全国高血压日", "免费量血压"),
)  # fmt: skip
FEASTS = (
    (1, 28, "迎新春写春联"), (3, 8, "妇女节趣味运动会"), (6, 8, "端午包粽子邻里会"), (7, 1, "七一红歌会"),
    (9, 22, "中秋邻里茶话会"), (10, 19, "重阳节敬老文艺演出"), (12, 28, "迎新年联欢会"),
)  # fmt: skip
SUMMER = ("未成年人保护法小课堂", "校园安全与自护", "模拟法庭体验", "网络安全与防沉迷")
TRAININGS = {3: "楼栋长培训：入户登记与隐私保护", 5: "志愿者急救培训", 9: "微型消防队技能培训", 11: "网格员业务培训"}
MEETING = (
    "主持：社区书记。\n一、通报上月走访和事件办理情况；二、布置本月排查重点：{topic}；"
    "三、各网格员说了各自片区的难点。\n决定：{decided}。"
)
JOINT = "参加：社区、物业、业委会、派出所、卫生服务站。\n议题：{topic}。\n议定：{decided}，下次会议通报进展。"
MATTERS = (
    ("楼道堆物和飞线充电", "本周内逐栋清理，物业张贴通知"), ("独居老人冬季用火用气", "片区网格员每周上门一次"),
    ("小区停车难", "物业先划出消防通道，再议错时停车"), ("雨季积水", "疏通三处雨水口，备好沙袋"),
    ("暑期儿童安全", "开办四点半课堂和暑期法制课"), ("出租屋登记", "一周内补齐新租客登记"),
)  # fmt: skip
PLACES = ("社区活动室", "社区会议室", "中心广场", "老年食堂")
Row = dict[str, Any]


def write_activities(written: Written, workers: Sequence[int], today: date) -> None:
    dice = Random(f"activities/{written.community_id}")
    rows: list[Row] = [
        {"community_id": written.community_id, "recorded_by": dice.choice(workers)} | row
        for day in (today - timedelta(days=back) for back in range(365, -1, -1))
        for row in _of_day(day, dice, today)
    ]
    ids = insert_all(Activity, rows)
    insert_plain(
        ActivityHousehold,
        [
            {"community_id": written.community_id, "activity_id": activity_id, "household_id": home}
            for activity_id, row in zip(ids, rows, strict=True)
            if row["kind"] in ("lecture", "culture")
            for home in dice.sample(written.homes, min(8, len(written.homes)))
        ],
    )


def _of_day(day: date, dice: Random, today: date) -> Iterator[Row]:
    """What took place on a day, most of it in the calendar's order."""
    if day >= today:
        return
    if day.day == 18:
        topic, audience, title = LECTURES[day.month]
        yield _row(day, "lecture", title, topic, audience, dice.randint(25, 70))
    if day.day == 6:
        # The last one's minutes are still to be written.
        minutes = None if today - day < timedelta(days=31) else _minutes(MEETING, dice)
        yield _row(day, "meeting", "社区工作例会", "work", "staff", dice.randint(9, 14), minutes=minutes)
    if day.day == 15 and day.month % 2:
        yield _row(
            day, "board", f"第{day.month // 2 + 1}期宣传栏", "health" if day.month % 4 == 1 else "legal", None, None
        )
    if day.day == 22 and day.month % 3 == 0:
        title = f"第{'一二三四'[day.month // 3 - 1]}季度联席会议"
        yield _row(day, "joint_meeting", title, "work", "staff", dice.randint(12, 20), minutes=_minutes(JOINT, dice))
    if day.month == 7 and day.day in (8, 15, 22, 29):
        yield _row(day, "lecture", f"暑期法制课：{SUMMER[day.day // 7 - 1]}", "legal", "youth", dice.randint(14, 28))
    if day.day == 12 and day.month in TRAININGS:
        yield _row(day, "training", TRAININGS[day.month], "work", "volunteers", dice.randint(15, 35))
    yield from _of_calendar(day, dice)


def _of_calendar(day: date, dice: Random) -> Iterator[Row]:
    for month, of_month, topic, theme, title in THEME_DAYS:
        if (day.month, day.day) == (month, of_month):
            yield _row(day, "theme_day", title, topic, "residents", dice.randint(40, 120), theme=theme)
    for month, of_month, title in FEASTS:
        if (day.month, day.day) == (month, of_month):
            yield _row(day, "culture", title, "culture", "residents", dice.randint(50, 160))


def _minutes(words: str, dice: Random) -> str:
    topic, decided = dice.choice(MATTERS)
    return words.format(topic=topic, decided=decided)


def _row(
    day: date, kind: str, title: str, topic: str, audience: str | None, headcount: int | None,
    theme: str | None = None, minutes: str | None = None,
) -> Row:  # fmt: skip
    place = {"board": "小区主入口宣传栏", "meeting": "社区会议室", "joint_meeting": "社区会议室"}.get(kind)
    return {
        "kind": kind,
        "title": title,
        "topic": topic,
        "audience": audience,
        "headcount": headcount,
        "theme": theme,
        "minutes": minutes,
        "place": place or PLACES[(day.month + day.day) % len(PLACES)],
        "at": datetime.combine(day, time(14 if kind in ("meeting", "joint_meeting") else 9, 30), ZONE),
        "recorded_at": datetime.combine(day, time(17, 40), ZONE),
    }
