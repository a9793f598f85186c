"""Indicators counted from doors, the people behind them and visits."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Select, and_, case, exists, func, or_, select

from grid.core.db import db
from grid.core.i18n import N_
from grid.core.moments import LocalDay
from grid.ledgers.indicators.base import COUNT, RATE, Frame, calendar, indicator, one_if, rows
from grid.register.models import TAG_IS_OPEN, Community, Floating, Household, Person, PersonTag, Residency, Tag
from grid.services.models import Activity, ActivityHousehold
from grid.tags.floating_queries import of_those_who_came, permit_in_force
from grid.visits.models import Visit, VisitPerson

LIVED_IN = (Household.n_members > 0, Household.deleted_at.is_(None))
HOUSEHOLDS = N_("户")
PEOPLE = N_("人")


def _door(met: Any, n: Any = 1) -> Select[Any]:
    return rows(Household.id, Household.community_id, Household.building_id, met=met, n=n).where(*LIVED_IN)


@indicator(
    "safe_families",
    N_("平安家庭率"),
    RATE,
    N_("评为平安家庭的户 ÷ 有人住的户"),
    of="household",
    is_dated=False,
    noun=HOUSEHOLDS,
)
def safe_families(frame: Frame) -> Select[Any]:
    return _door(one_if(Household.safe_family.is_(True)))


@indicator(
    "filed", N_("一户一档率"), RATE, N_("已建档的户 ÷ 有人住的户"), of="household", is_dated=False, noun=HOUSEHOLDS
)
def filed(frame: Frame) -> Select[Any]:
    return _door(one_if(Household.filed_on <= frame.end))


@indicator(
    "visited",
    N_("走访覆盖率"),
    RATE,
    N_("在规定天数内走访见到人的户 ÷ 有人住的户"),
    of="household",
    is_dated=False,
    noun=HOUSEHOLDS,
)
def visited(frame: Frame) -> Select[Any]:
    """The round of each community counts back from the period's end."""
    if frame.end >= frame.today:
        return _visited_since(frame, lambda since: Household.last_visit_on >= since)
    before = Frame(frame.period, frame.end).period.moments[1]
    return _visited_since(
        frame,
        lambda since: exists().where(
            Visit.household_id == Household.id,
            Visit.found == "home",
            Visit.deleted_at.is_(None),
            Visit.at < before,
            LocalDay(Visit.at) >= since,
        ),
    )


def _visited_since(frame: Frame, met: Any) -> Select[Any]:
    rounds = {
        id_: frame.end - timedelta(days=days)
        for id_, days in db.session.execute(select(Community.id, Community.visit_every_days))
    }
    since = case(rounds, value=Household.community_id) if rounds else frame.end
    return _door(one_if(met(since)))


@indicator(
    "complete",
    N_("信息完整率"),
    RATE,
    N_("各户已填项的百分比相加 ÷ 有人住的户数"),
    of="household",
    is_dated=False,
    noun=N_("项"),
)
def complete(frame: Frame) -> Select[Any]:
    return _door(Household.completeness, 100)


@indicator("visits", N_("走访次数"), COUNT, N_("期内记下的走访，见到人的和没见到的都算"), of="visit", noun=N_("次"))
def visits(frame: Frame) -> Select[Any]:
    # An outer join, which nobody pays for where no building is asked for.
    return (
        rows(Visit.id, Visit.community_id, Household.building_id, Visit.worker_id, day=LocalDay(Visit.at))
        .outerjoin(Household, Household.id == Visit.household_id)
        .where(Visit.deleted_at.is_(None), frame.holds(Visit.at))
    )


@indicator(
    "taking_part",
    N_("居民活动参与率"),
    RATE,
    N_("期内至少参加过一次活动的户 ÷ 有人住的户；只算登记了到场户的活动"),
    of="household",
    is_dated=False,
    noun=HOUSEHOLDS,
)
def taking_part(frame: Frame) -> Select[Any]:
    came = (
        select(ActivityHousehold.household_id)
        .join(Activity, Activity.id == ActivityHousehold.activity_id)
        .where(Activity.deleted_at.is_(None), frame.holds(Activity.at))
    )
    return _door(one_if(Household.id.in_(came)))


@indicator(
    "permits",
    N_("办卡率"),
    RATE,
    N_("居住证件有效的流入人员 ÷ 登记在册、没有离开的流入人员"),
    of="person",
    is_dated=False,
    noun=PEOPLE,
)
def permits(frame: Frame) -> Select[Any]:
    met = one_if(permit_in_force(frame.end))
    return of_those_who_came(rows(Person.id, Floating.community_id, Household.building_id, met=met), frame.end)


@indicator(
    "disabled_graded",
    N_("残疾等级登记率"),
    RATE,
    N_("登记了残疾等级的残疾人 ÷ 在册残疾人"),
    of="person",
    is_dated=False,
    noun=PEOPLE,
)
def disabled_graded(frame: Frame) -> Select[Any]:
    grade = func.coalesce(PersonTag.attrs["grade"].as_string(), "")
    return _tagged(rows(Person.id, PersonTag.community_id, Household.building_id, met=one_if(grade != ""))).where(
        Tag.code == "disabled", TAG_IS_OPEN, PersonTag.until.is_(None)
    )


def _tagged(selected: Select[Any]) -> Select[Any]:
    """Carriers of tags, at the door where they live now."""
    return (
        selected.select_from(PersonTag)
        .join(Tag, and_(Tag.id == PersonTag.tag_id, Tag.deleted_at.is_(None)))
        .join(Person, and_(Person.id == PersonTag.person_id, Person.deleted_at.is_(None)))
        .join(Residency, and_(Residency.person_id == Person.id, Residency.to_on.is_(None)))
        .join(Household, and_(Household.id == Residency.household_id, Household.deleted_at.is_(None)))
    )


WHERE_TO_LOOK = N_("这项只出数字，不列名单。要看谁还没谈话，请按规定写明理由，在限制类台账里查看。")


def _talks(every: str, frame: Frame) -> Select[Any]:
    """Somebody who carries a tag of 帮教, and a stretch in which they should be talked to: numbers only."""
    part = calendar(every, frame)
    met_somebody = exists().where(VisitPerson.visit_id == Visit.id).correlate(Visit, Person)
    talked = (
        exists()
        .where(
            Visit.household_id == Household.id,
            Visit.kind == "talk",
            Visit.found == "home",
            Visit.deleted_at.is_(None),
            LocalDay(Visit.at).between(part.c.start, part.c.end),
            or_(~met_somebody, met_somebody.where(VisitPerson.person_id == Person.id)),
        )
        .correlate(Household, Person, part)
    )
    return (
        _tagged(rows(Person.id, PersonTag.community_id, Household.building_id, met=one_if(talked), day=part.c.start))
        .join(part, or_(part.c.is_over == 1, talked))
        .where(
            Tag.group == "guidance",
            or_(PersonTag.since.is_(None), PersonTag.since <= part.c.start),
            or_(PersonTag.until.is_(None), PersonTag.until >= part.c.start),
        )
        .distinct()
    )


@indicator(
    "talks_monthly",
    N_("帮教谈话率（每月）"),
    RATE,
    N_("当月谈过话的帮教对象 ÷ 帮教对象，逐月相加；当月已谈的才先算进来"),
    noun=N_("人次"),
    hidden=WHERE_TO_LOOK,
)
def talks_monthly(frame: Frame) -> Select[Any]:
    return _talks("month", frame)


@indicator(
    "talks_quarterly",
    N_("帮教谈话率（每季度）"),
    RATE,
    N_("当季谈过话的帮教对象 ÷ 帮教对象，逐季相加；当季已谈的才先算进来"),
    noun=N_("人次"),
    hidden=WHERE_TO_LOOK,
)
def talks_quarterly(frame: Frame) -> Select[Any]:
    return _talks("quarter", frame)
