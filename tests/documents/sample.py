"""Invented households for the sheet: masked ID numbers of region 99, phones that nobody has."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from grid.dossier.models import HouseholdFile, Resident, VisitLine

UNKNOWN = Resident(
    public_id="", name="", relation="", is_head=False, live_kind="", sex="", birth=None, age=None, id_no="", phone="",
    call="", hukou="", ethnic="", education="", political="", marital="", occupation="", employer="", health="",
    population_kind="", tags=(), from_on=None, to_on=None, went_to="",
)  # fmt: skip


def resident(name: str, relation: str, sex: str, year: int, **more: Any) -> Resident:
    return UNKNOWN._replace(
        name=name,
        relation=relation,
        is_head=relation == "户主",
        sex=sex,
        birth=date(year, 5, 12),
        age=2026 - year,
        id_no=f"990101********{year % 90 + 10}1X",
        phone="199****0012",
        **more,
    )


LAMP = "重阳节慰问，送米油各一份。老人反映楼道灯不亮，已转物业，三日内修好后再来回访一次。"

EMPTY = HouseholdFile(
    public_id="7Kq3ZxP2mN", household_id=1, community="桃园社区", community_public_id="", community_id=1,
    community_code="", labels={"block": "片区"}, block="", block_public_id="", building="1幢", building_public_id="",
    building_id=1, estate="", unit="1单元", room="101", floor=1, floor_to=None, code="1-1-101",
    address="桃园社区 1幢1单元101室", use="住宅", occupancy="空置", layout="", area=None, owner_name="", owner_phone="",
    call_owner="", rental_use="", landlord_duty=None, contact="", emergency="", family_kind="", safe_family=None,
    filed_on=None, verified_on=None, note="", version=1, updated_at=datetime(2026, 11, 23, tzinfo=UTC),
    completeness=20, last_visit_on=None, building_head="", workers=(), residents=(), former=(), visits=(), history=(),
)  # fmt: skip

FAMILY = replace(
    EMPTY,
    address="桃园社区 12幢2单元501室",
    code="12-2-501",
    block="三片区",
    estate="桃园里",
    occupancy="自住",
    layout="三室一厅",
    area=96.5,
    owner_name="沈明桂",
    owner_phone="199****0034",
    contact="199****0012",
    emergency="沈小满 199****0056",
    family_kind="一般",
    safe_family=True,
    filed_on=date(2024, 3, 5),
    verified_on=date(2026, 11, 3),
    note="老人腿脚不便，上门请先打电话。",
    workers=("田煊曦", "何琪"),
    residents=(
        resident("沈明桂", "户主", "男", 1943, hukou="本社区", occupation="退休", tags=("党员", "高龄")),
        resident("文杰燕", "配偶", "女", 1948, hukou="本社区", occupation="退休"),
        resident(
            "沈向东",
            "子",
            "男",
            1972,
            hukou="本社区",
            occupation="司机",
            employer="公交集团第三车队",
            tags=("退役军人",),
        ),
        resident("欧阳娜", "儿媳", "女", 1975, hukou="外区", occupation="教师"),
        resident("沈小满", "孙女", "女", 2008, hukou="本社区", occupation="学生"),
    ),
    former=(
        UNKNOWN._replace(
            name="沈向南",
            relation="子",
            from_on=date(2019, 6, 1),
            to_on=date(2023, 8, 31),
            went_to="外市工作，户口已迁出",
        ),
    ),
    visits=tuple(
        VisitLine("", date(2026, 11, 21) - timedelta(days=23 * n), kind, found, worker, topics, words, None)
        for n, (kind, found, worker, topics, words) in enumerate(
            [
                ("走访", "在家", "田煊曦", ("信息核对", "政策宣传"), "核对了全家信息，老人身体稳定，子女每周来一次。"),
                ("走访", "无人", "何琪", (), "无人应答，已留便条，约定周末再来。"),
                ("电话", "在家", "田煊曦", ("帮扶",), "问了买药的事，已请社区医生送药上门。"),
                ("慰问", "在家", "田煊曦", ("帮扶",), LAMP),
                ("走访", "在家", "何琪", ("安全隐患",), "灶具软管过期，已提醒更换；电动车不再上楼充电。"),
                ("核查", "在家", "田煊曦", ("信息核对",), ""),
            ]
        )
    ),
)

RENTED = replace(
    FAMILY,
    address="桃园社区 桃园里小区 3幢1单元1802室（复式，含1902室）",
    code="3-1-1802",
    occupancy="出租",
    rental_use="居住",
    landlord_duty=True,
    residents=FAMILY.residents[3:4],
    former=(),
    visits=FAMILY.visits[:2],
)

LARGE = replace(
    FAMILY,
    residents=(
        *FAMILY.residents,
        resident("司马相如", "孙", "男", 2012, hukou="本社区", occupation="学生"),
        resident(
            "阿依古丽·买买提", "其他亲属", "女", 1990, hukou="外省 伊宁市", occupation="餐饮服务", employer="桃园路面馆"
        ),
        resident("沈㛃", "孙女", "女", 2015, hukou="本社区", tags=("困境儿童",)),
        resident("沈䶮", "曾孙", "男", 2024, hukou="本社区"),
    ),
    visits=tuple(visit._replace(on=visit.on - timedelta(days=150 * n)) for n in range(5) for visit in FAMILY.visits),
)
