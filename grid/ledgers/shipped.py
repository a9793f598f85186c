"""The ledgers that come along. A committee's own are rows of LedgerDefinition and read the same way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from grid.core.i18n import N_
from grid.core.i18n import gettext as _
from grid.ledgers import people_sources as people
from grid.ledgers import work_sources as work
from grid.ledgers.columns import Column
from grid.ledgers.models import LedgerDefinition
from grid.ledgers.sources import Source

SOURCES: dict[str, Source] = {
    source.key: source
    for source in (
        people.HOUSEHOLDS,
        people.RESIDENTS,
        people.TAGGED,
        people.FLOATING,
        people.FLOATING_LEFT,
        people.VISITS,
        people.TALKS,
        work.CASES,
        work.SCREENINGS,
        work.REPORTS,
        work.PATROLS,
        work.INSPECTIONS,
        work.SERVICES,
        work.MEMBERS,
        work.ACTIVITIES,
        work.PLANS,
    )
}
# What a committee may make ledgers from.
OFFERED = {key: source for key, source in SOURCES.items() if not source.restricted}


@dataclass(frozen=True)
class Ledger:
    """`period` is what is proposed: week, month, quarter or year; None for how things stand today."""

    key: str
    title: str
    about: str
    source: Source
    columns: tuple[Column, ...]
    filter: Mapping[str, Any] = field(default_factory=dict)
    period: str | None = None
    signatures: tuple[str, ...] = ()
    # Of the community's own.
    community_id: int | None = None


_FILLED, _CHARGE = N_("填表人"), N_("负责人")


def _ledger(key: str, title: str, about: str, source: Source, columns: str, **more: Any) -> Ledger:
    chosen = tuple(source.by_key[one] for one in columns.split())
    return Ledger(key, title, about, source, chosen, signatures=(_FILLED, _CHARGE), **more)


_ROSTER = "door name sex age id_no phone"
_CASE = "no at place parties content"

SHIPPED: dict[str, Ledger] = {
    ledger.key: ledger
    for ledger in (
        _ledger(
            "residents",
            N_("实有人口台账"),
            N_("现在住在每扇门后的每一个人。"),
            people.RESIDENTS,
            "estate " + _ROSTER + " relation population_kind hukou_address employer tags",
        ),
        _ledger(
            "floating",
            N_("流动人口台账"),
            N_("流入和流出的人，还有该登记没登记的人：证件什么时候到期，谁用工、谁出租、责任书签没签。"),
            people.FLOATING,
            _ROSTER
            + " is_registered direction reason permit_kind permit_no registered_on expires_on dwelling_kind employed_by"
            " rented_by went_to landlord_duty",
        ),
        _ledger(
            "rentals",
            N_("出租房屋台账"),
            N_("出租的房子、房主和责任书。"),
            people.HOUSEHOLDS,
            "estate door owner_name owner_phone rental_use landlord_duty n_members area contact_name contact_phone"
            " last_visit_on",
            filter={"occupancy": ["rented"]},
        ),
        _ledger(
            "households",
            N_("一户一档目录"),
            N_("每一户的档案：建档、核实、完整率、最近走访。"),
            people.HOUSEHOLDS,
            "estate door head use occupancy n_members contact_name contact_phone family_kind safe_family filed_on"
            " verified_on completeness last_visit_on",
        ),
        _ledger(
            "visits",
            N_("走访台账（民情日记）"),
            N_("每一次走访：去了哪户、见到谁、谈了什么。"),
            people.VISITS,
            "at door worker kind found met topics content needs due_on",
            period="month",
        ),
        _ledger(
            "disputes",
            N_("矛盾纠纷排查调处台账"),
            N_("每一件纠纷：当事人、调解、结果、回访。"),
            work.CASES,
            _CASE + " dispute_type owner method outcome level_reached closed_on satisfaction",
            filter={"type": ["dispute"]},
            period="month",
        ),
        _ledger(
            "screenings",
            N_("每周排查台账（零报告）"),
            N_("每周一的排查，没有发现也报告。"),
            work.SCREENINGS,
            "week_on on block by is_zero content cases",
            period="month",
        ),
        _ledger(
            "reports",
            N_("来访报告台账"),
            N_("楼栋长的报告和处理；到期的已经删除。"),
            work.REPORTS,
            "seen_at place kind headcount facts reporter state handler handled_at result",
            period="month",
        ),
        _ledger(
            "patrols",
            N_("治安巡逻台账"),
            N_("每一次巡逻：谁、几点到几点、发现什么。"),
            work.PATROLS,
            "started_at ended_at team team_kind route who headcount content findings",
            period="month",
        ),
        _ledger(
            "inspections",
            N_("安全检查与整改台账"),
            N_("每一次检查：查出什么、限期多少、整改没有。"),
            work.INSPECTIONS,
            "at kind holiday place inspectors content amiss words due_on rectified rectified_on signer",
            filter={"kind": ["safety", "fire", "holiday", "other"]},
            period="month",
        ),
        _ledger(
            "hygiene",
            N_("卫生自查台账"),
            N_("每周的卫生自查。"),
            work.INSPECTIONS,
            "at place inspectors content items amiss words due_on rectified rectified_on signer",
            filter={"kind": ["hygiene"]},
            period="month",
        ),
        _ledger(
            "talks",
            N_("帮教谈话台账"),
            N_("与帮教人员的谈话。先写原因才能看，会记入日志。"),
            people.TALKS,
            "at door name tags worker content needs due_on",
            period="quarter",
        ),
        _ledger(
            "relief",
            N_("低保与困难救助台账"),
            N_("低保、特困、困境儿童，本年救助了几次、多少钱。"),
            people.TAGGED,
            _ROSTER + " tag since fields carer n_services amount last_service_on",
            filter={"tag": ["low_income", "extreme_poverty", "child_in_need"]},
        ),
        _ledger(
            "elderly",
            N_("老年人台账"),
            N_("六十岁以上的老人，独居、空巢、高龄、失能看类别。"),
            people.RESIDENTS,
            _ROSTER + " live_kind health tags last_visit_on",
            filter={"over_60": True},
        ),
        _ledger(
            "disabled",
            N_("残疾人台账"),
            N_("每一位残疾人，等级等看补充内容。"),
            people.TAGGED,
            _ROSTER + " fields since source carer n_services last_service_on",
            filter={"tag": ["disabled"]},
        ),
        _ledger(
            "employment",
            N_("就业与退休台账"),
            N_("失业和退休的人，本年服务了几次。"),
            people.TAGGED,
            _ROSTER + " tag since education occupation employer fields n_services last_service_on",
            filter={"tag": ["unemployed", "retired"]},
        ),
        _ledger(
            "members",
            N_("志愿者与队伍台账"),
            N_("每支队伍和它的成员。"),
            work.MEMBERS,
            "team kind leader founded_on name phone since note",
        ),
        _ledger(
            "activities",
            N_("活动与健康教育台账"),
            N_("讲座、宣传栏、文体活动，来了多少人。"),
            work.ACTIVITIES,
            "at kind topic theme title place audience headcount households recorded_by",
            filter={"kind": ["lecture", "board", "leaflet", "culture", "training", "theme_day", "other"]},
            period="month",
        ),
        _ledger(
            "meetings",
            N_("会议台账"),
            N_("例会、联席会议、居民会议的记录。"),
            work.ACTIVITIES,
            "at kind title place headcount minutes recorded_by",
            filter={"kind": ["meeting", "joint_meeting", "residents_meeting"]},
            period="month",
        ),
        _ledger(
            "requests",
            N_("居民诉求台账"),
            N_("居民提出的每一件诉求和答复。"),
            work.CASES,
            _CASE + " source owner due_on result closed_on satisfaction",
            filter={"type": ["request"]},
            period="month",
        ),
        _ledger(
            "work-plans",
            N_("周工作计划台账"),
            N_("每人每周的计划：完成几项，检查没有。"),
            work.PLANS,
            "week_on who items planned done state submitted_at checked_by checked_at remark",
            period="month",
        ),
    )
}


def ledger_of(row: LedgerDefinition) -> Ledger:
    """A committee's own. What a later version no longer knows is left out."""
    source = OFFERED[row.source]
    columns = tuple(source.by_key[key] for key in row.columns if key in source.by_key)
    known = {key: wanted for key, wanted in row.filter.items() if key in source.by_key}
    about = _(source.label)
    return Ledger(
        row.public_id, row.title, about, source, columns, known, row.period, tuple(row.signatures), row.community_id
    )
