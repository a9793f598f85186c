"""Ledgers about what the committee does: cases, reports, patrols, inspections, services, activities, plans."""

from typing import Any

from sqlalchemy import BigInteger, and_, cast, func, or_, select
from sqlalchemy.orm import aliased

from grid.accounts.models import User
from grid.cases.case_queries import readable
from grid.cases.models import Case, CaseParty, CaseStep, Screening, VisitorReport
from grid.core.i18n import N_
from grid.ledgers.columns import Column
from grid.ledgers.people_sources import DAY, DOOR, ESTATE, strung
from grid.ledgers.sources import Reader, Source, lies_in, of_block, whole
from grid.register.models import Block, Building, Household, PatrolRoute, Person, Site
from grid.services.inspection_queries import may_be_read
from grid.services.models import (
    Activity,
    ActivityHousehold,
    Inspection,
    InspectionItem,
    Patrol,
    PatrolFinding,
    ServiceRecord,
    Team,
    TeamMember,
    WorkPlan,
    WorkPlanItem,
)

_second = aliased(User)


def _count(*where: Any) -> Any:
    return select(func.count()).where(*where).scalar_subquery()


CASES = Source(
    key="cases",
    label=N_("事件，一件一行"),
    rows=Case.__table__.outerjoin(Building, Case.building_id == Building.id)
    .outerjoin(Household, Case.household_id == Household.id)
    .join(User, Case.owner_id == User.id),
    id=Case.id,
    community=Case.community_id,
    covers=lambda reader: and_(readable(reader.scope, reader.user_id), Case.deleted_at.is_(None)),
    at=Case.at,
    order=(Case.at.desc(), Case.id.desc()),
    columns=(
        Column("no", N_("事件编号"), (Case.no,)),
        Column("at", N_("时间"), (Case.at,), "moment"),
        Column("place", N_("地点"), (Household.code, Building.no, Case.place), "place"),
        Column("type", N_("事件类别"), (Case.type,), "code", "case_type"),
        Column("dispute_type", N_("纠纷类别"), (Case.dispute_type,), "code", "dispute_type"),
        Column("scale", N_("事件规模"), (Case.scale,), "code", "event_scale"),
        Column("level", N_("案(事)件分级"), (Case.level,), "code", "event_level"),
        Column("incident", N_("事故或案件"), (Case.incident,), "code", "incident"),
        Column("source", N_("事件来源"), (Case.source,), "code", "case_source"),
        Column("parties", N_("当事人"), (strung(CaseParty.name, CaseParty.case_id == Case.id),), "names"),
        Column("content", N_("事件内容"), (Case.content,)),
        Column("owner", N_("经办人"), (User.name,)),
        Column("due_on", N_("办结期限"), (Case.due_on,), "day"),
        Column("steps", N_("办理次数"), (_count(CaseStep.case_id == Case.id),), "number", summed=True),
        Column("method", N_("调解方式"), (Case.method,), "code", "mediation_method"),
        Column("outcome", N_("调解结果"), (Case.outcome,), "code", "mediation_outcome"),
        Column("level_reached", N_("办理层级"), (Case.level_reached,), "code", "reached"),
        Column("result", N_("办理结果"), (Case.result,)),
        Column("is_closed", N_("已办结"), (Case.closed_on.is_not(None),), "yes_no"),
        Column("closed_on", N_("办结日期"), (Case.closed_on,), "day"),
        Column("revisit_on", N_("回访日期"), (Case.revisit_on,), "day"),
        Column("satisfaction", N_("满意度"), (Case.satisfaction,), "code", "satisfaction"),
    ),
)

SCREENINGS = Source(
    key="screenings",
    label=N_("每周排查，一次一行"),
    rows=Screening.__table__.outerjoin(Block, Screening.block_id == Block.id).join(User, Screening.by_id == User.id),
    id=Screening.id,
    community=Screening.community_id,
    covers=lambda reader: and_(
        of_block(Screening.community_id, Screening.block_id)(reader), Screening.deleted_at.is_(None)
    ),
    at=Screening.week_on,
    at_is_moment=False,
    order=(Screening.week_on.desc(), Screening.id.desc()),
    columns=(
        Column("week_on", N_("哪一周（周一）"), (Screening.week_on,), "day"),
        Column("on", N_("排查日期"), (Screening.on,), "day"),
        Column("block", N_("片区"), (Block.name,)),
        Column("by", N_("排查人"), (User.name,)),
        Column("is_zero", N_("零报告"), (Screening.is_zero,), "yes_no"),
        Column("content", N_("排查情况"), (Screening.content,)),
        Column(
            "cases",
            N_("立了几件"),
            (_count(Case.screening_id == Screening.id, Case.deleted_at.is_(None)),),
            "number",
            summed=True,
        ),
    ),
)

REPORTS = Source(
    key="reports",
    label=N_("来访报告，一份一行"),
    rows=VisitorReport.__table__.join(Building, VisitorReport.building_id == Building.id)
    .outerjoin(Household, VisitorReport.household_id == Household.id)
    .join(User, VisitorReport.reporter_id == User.id)
    .outerjoin(_second, VisitorReport.handler_id == _second.id),
    id=VisitorReport.id,
    community=VisitorReport.community_id,
    covers=lambda reader: and_(
        lies_in(VisitorReport.community_id, VisitorReport.building_id)(reader), VisitorReport.purge_on > DAY
    ),
    at=VisitorReport.seen_at,
    order=(VisitorReport.seen_at.desc(), VisitorReport.id.desc()),
    columns=(
        Column("seen_at", N_("看到的时间"), (VisitorReport.seen_at,), "moment"),
        Column("place", N_("地点"), (Household.code, Building.no, Building.estate), "place"),
        Column("kind", N_("报告类别"), (VisitorReport.kind,), "code", "report_kind"),
        Column("headcount", N_("人数"), (VisitorReport.headcount,), "number", summed=True),
        Column("facts", N_("补充说明"), (VisitorReport.facts,)),
        Column("reporter", N_("报告人"), (User.name,)),
        Column("state", N_("处理状态"), (VisitorReport.state,), "code", "report_state"),
        Column("handler", N_("处理人"), (_second.name,)),
        Column("handled_at", N_("处理时间"), (VisitorReport.handled_at,), "moment"),
        Column("result", N_("办理结果"), (VisitorReport.result,)),
    ),
)

PATROLS = Source(
    key="patrols",
    label=N_("巡逻，一次一行"),
    rows=Patrol.__table__.outerjoin(Team, Patrol.team_id == Team.id)
    .outerjoin(PatrolRoute, Patrol.route_id == PatrolRoute.id)
    .join(User, Patrol.recorded_by == User.id),
    id=Patrol.id,
    community=Patrol.community_id,
    covers=lambda reader: and_(whole(Patrol.community_id)(reader), Patrol.deleted_at.is_(None)),
    at=Patrol.started_at,
    order=(Patrol.started_at.desc(), Patrol.id.desc()),
    columns=(
        Column("started_at", N_("开始"), (Patrol.started_at,), "moment"),
        Column("ended_at", N_("结束"), (Patrol.ended_at,), "moment"),
        Column("team", N_("队伍"), (Team.name,)),
        Column("team_kind", N_("队伍类别"), (Team.kind,), "code", "team_kind"),
        Column("route", N_("巡逻路线"), (PatrolRoute.name,)),
        Column("who", N_("参加人员"), (Patrol.who,)),
        Column("headcount", N_("人数"), (Patrol.headcount,), "number", summed=True),
        Column("content", N_("巡逻情况"), (Patrol.content,)),
        Column("findings", N_("发现问题"), (_count(PatrolFinding.patrol_id == Patrol.id),), "number", summed=True),
        Column("recorded_by", N_("登记人"), (User.name,)),
    ),
)


def _items(what: Any, *more: Any) -> Any:
    """Lines of an inspection's checklist."""
    return select(what).where(InspectionItem.inspection_id == Inspection.id, *more).scalar_subquery()


_amiss = InspectionItem.is_fine.is_(False)

INSPECTIONS = Source(
    key="inspections",
    label=N_("检查，一次一行"),
    rows=Inspection.__table__.outerjoin(Site, Inspection.site_id == Site.id)
    .outerjoin(Building, Inspection.building_id == Building.id)
    .join(User, Inspection.recorded_by == User.id),
    id=Inspection.id,
    community=Inspection.community_id,
    covers=lambda reader: and_(may_be_read(reader.scope), Inspection.deleted_at.is_(None)),
    at=Inspection.at,
    order=(Inspection.at.desc(), Inspection.id.desc()),
    columns=(
        Column("at", N_("检查时间"), (Inspection.at,), "moment"),
        Column("kind", N_("检查类别"), (Inspection.kind,), "code", "inspection_kind"),
        Column("holiday", N_("节日"), (Inspection.holiday,), "code", "holiday"),
        Column("place", N_("检查地点"), (Site.name, Building.no, Inspection.place), "place"),
        Column("inspectors", N_("检查人员"), (Inspection.inspectors,)),
        Column("content", N_("检查情况"), (Inspection.content,)),
        Column("items", N_("检查项数"), (_items(func.count()),), "number", summed=True),
        Column("amiss", N_("问题数"), (_items(func.count(), _amiss),), "number", summed=True),
        Column(
            "words",
            N_("发现的问题"),
            (strung(InspectionItem.words, InspectionItem.inspection_id == Inspection.id, _amiss),),
            "names",
        ),
        Column("due_on", N_("整改期限"), (_items(func.min(InspectionItem.due_on), _amiss),), "day"),
        Column(
            "rectified",
            N_("已整改"),
            (_items(func.count(), _amiss, InspectionItem.rectified_on.is_not(None)),),
            "number",
            summed=True,
        ),
        Column("rectified_on", N_("复查日期"), (_items(func.max(InspectionItem.rectified_on), _amiss),), "day"),
        Column("signer", N_("场所负责人"), (Inspection.signer,)),
    ),
)

SERVICES = Source(
    key="services",
    label=N_("服务记录，一次一行"),
    rows=ServiceRecord.__table__.join(Household, ServiceRecord.household_id == Household.id)
    .join(Building, Household.building_id == Building.id)
    .outerjoin(Person, ServiceRecord.person_id == Person.id)
    .join(User, ServiceRecord.recorded_by == User.id),
    id=ServiceRecord.id,
    community=ServiceRecord.community_id,
    covers=lambda reader: and_(
        lies_in(ServiceRecord.community_id, Household.building_id)(reader),
        ServiceRecord.deleted_at.is_(None),
        Household.deleted_at.is_(None),
    ),
    at=ServiceRecord.on,
    at_is_moment=False,
    order=(ServiceRecord.on.desc(), ServiceRecord.id.desc()),
    columns=(
        Column("on", N_("日期"), (ServiceRecord.on,), "day"),
        ESTATE,
        DOOR,
        Column("name", N_("姓名"), (Person.name,)),
        Column("kind", N_("服务类别"), (ServiceRecord.kind,), "code", "service_kind"),
        Column("content", N_("服务内容"), (ServiceRecord.content,)),
        Column("outcome", N_("结果"), (ServiceRecord.outcome,), "code", "service_outcome"),
        Column("amount", N_("金额（元）"), (ServiceRecord.amount,), "number", summed=True),
        Column("gift", N_("慰问品"), (ServiceRecord.gift,)),
        Column("recorded_by", N_("登记人"), (User.name,)),
    ),
)

MEMBERS = Source(
    key="members",
    label=N_("队伍成员，一人一行"),
    rows=Team.__table__.outerjoin(
        TeamMember, and_(TeamMember.team_id == Team.id, or_(TeamMember.until.is_(None), TeamMember.until > DAY))
    ),
    # A team nobody has joined yet has a row as well.
    id=cast(Team.id, BigInteger) * 1_000_000_000 + func.coalesce(TeamMember.id, 0),
    community=Team.community_id,
    covers=lambda reader: and_(
        whole(Team.community_id)(reader), or_(Team.dissolved_on.is_(None), Team.dissolved_on > DAY)
    ),
    order=(Team.kind, Team.name, Team.id, TeamMember.since, TeamMember.id),
    columns=(
        Column("team", N_("队伍"), (Team.name,)),
        Column("kind", N_("队伍类别"), (Team.kind,), "code", "team_kind"),
        Column("leader", N_("队长"), (Team.leader,)),
        Column("founded_on", N_("成立日期"), (Team.founded_on,), "day"),
        Column("name", N_("姓名"), (TeamMember.name,)),
        Column("phone", N_("电话"), (TeamMember.phone,), "phone"),
        Column("since", N_("加入日期"), (TeamMember.since,), "day"),
        Column("note", N_("备注"), (Team.note,)),
    ),
)

ACTIVITIES = Source(
    key="activities",
    label=N_("活动和会议，一次一行"),
    rows=Activity.__table__.join(User, Activity.recorded_by == User.id),
    id=Activity.id,
    community=Activity.community_id,
    covers=lambda reader: and_(whole(Activity.community_id)(reader), Activity.deleted_at.is_(None)),
    at=Activity.at,
    order=(Activity.at.desc(), Activity.id.desc()),
    columns=(
        Column("at", N_("时间"), (Activity.at,), "moment"),
        Column("kind", N_("活动类别"), (Activity.kind,), "code", "activity_kind"),
        Column("topic", N_("活动主题"), (Activity.topic,), "code", "activity_topic"),
        Column("theme", N_("主题日"), (Activity.theme,)),
        Column("title", N_("名称"), (Activity.title,)),
        Column("place", N_("地点"), (Activity.place,)),
        Column("audience", N_("面向"), (Activity.audience,), "code", "audience"),
        Column("headcount", N_("参加人次"), (Activity.headcount,), "number", summed=True),
        Column(
            "households",
            N_("参加户数"),
            (_count(ActivityHousehold.activity_id == Activity.id),),
            "number",
            summed=True,
        ),
        Column("minutes", N_("会议记录"), (Activity.minutes,)),
        Column("recorded_by", N_("登记人"), (User.name,)),
    ),
)


def _own_plans(reader: Reader) -> Any:
    """An administrator checks everybody's plans; a worker has their own."""
    mine = WorkPlan.user_id == reader.user_id
    of_mine = and_(whole(WorkPlan.community_id)(reader), mine)
    return or_(WorkPlan.community_id.in_(reader.scope.communities), of_mine) if reader.is_administrator else of_mine


PLANS = Source(
    key="work_plans",
    label=N_("周工作计划，一人一周一行"),
    rows=WorkPlan.__table__.join(User, WorkPlan.user_id == User.id).outerjoin(
        _second, WorkPlan.checked_by == _second.id
    ),
    id=WorkPlan.id,
    community=WorkPlan.community_id,
    covers=_own_plans,
    at=WorkPlan.week_on,
    at_is_moment=False,
    order=(WorkPlan.week_on.desc(), User.name, WorkPlan.id),
    columns=(
        Column("week_on", N_("哪一周（周一）"), (WorkPlan.week_on,), "day"),
        Column("who", N_("姓名"), (User.name,)),
        Column(
            "items", N_("计划内容"), (strung(WorkPlanItem.words, WorkPlanItem.work_plan_id == WorkPlan.id),), "names"
        ),
        Column("planned", N_("计划项数"), (_count(WorkPlanItem.work_plan_id == WorkPlan.id),), "number", summed=True),
        Column(
            "done",
            N_("完成项数"),
            (_count(WorkPlanItem.work_plan_id == WorkPlan.id, WorkPlanItem.is_done),),
            "number",
            summed=True,
        ),
        Column("state", N_("周计划状态"), (WorkPlan.state,), "code", "work_plan_state"),
        Column("submitted_at", N_("提交时间"), (WorkPlan.submitted_at,), "moment"),
        Column("checked_by", N_("检查人"), (_second.name,)),
        Column("checked_at", N_("检查时间"), (WorkPlan.checked_at,), "moment"),
        Column("remark", N_("检查意见"), (WorkPlan.remark,)),
    ),
)
