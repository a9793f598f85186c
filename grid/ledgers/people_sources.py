"""Ledgers about doors and people: the register, floating people, tags, visits, and talks with people under guidance."""

from typing import Any

from sqlalchemy import and_, bindparam, case, false, func, or_, select
from sqlalchemy.orm import aliased
from sqlalchemy.types import Date

from grid.accounts.models import User
from grid.core.i18n import N_
from grid.ledgers.columns import PART, Column
from grid.ledgers.sources import Source, lies_in
from grid.register.models import Building, Floating, Household, Person, PersonTag, Residency, Tag
from grid.services.models import ServiceRecord
from grid.tags.floating_queries import has_left, should_be_registered
from grid.visits.models import Visit, VisitPerson
from grid.visits.queries import is_confidential

# Given to every statement of a ledger: the committee's day, and the day somebody who is sixty today was born.
DAY = bindparam("day", type_=Date)
SIXTY = bindparam("sixty", type_=Date)
YEAR_START = bindparam("year_start", type_=Date)
# The tags that the reader's role must not see, and the restricted ones that it may once it said why.
UNSEEN: Any = bindparam("unseen_tags", expanding=True)
RESTRICTED: Any = bindparam("restricted_tags", expanding=True)

DOOR = Column("door", N_("门牌"), (Household.code,))
ESTATE = Column("estate", N_("小区"), (Building.estate,))
CLIMB = (Household.unit_no, Household.floor, Household.room)


def strung(name: Any, *where: Any) -> Any:
    """Names out of another table, strung together."""
    return select(func.aggregate_strings(name, PART)).where(*where).scalar_subquery()


_their_tag, _their_person_tag = aliased(Tag), aliased(PersonTag)


def _carries(person_id: Any, *more: Any) -> tuple[Any, ...]:
    """Tags somebody carries today that every reader may see."""
    return (
        _their_person_tag.person_id == person_id,
        _their_tag.id == _their_person_tag.tag_id,
        _their_tag.restricted.is_(False),
        _their_tag.deleted_at.is_(None),
        _their_tag.id.not_in(UNSEEN),
        or_(_their_person_tag.until.is_(None), _their_person_tag.until > DAY),
        *more,
    )


def _tagged(wanted: Any) -> Any:
    return select(_their_tag.id).where(*_carries(Person.id, _their_tag.code.in_(tuple(wanted)))).exists()


TAGS = Column("tags", N_("人员类别"), (strung(_their_tag.label, *_carries(Person.id)),), "tags", test=_tagged)

_PERSON = (
    Column("name", N_("姓名"), (Person.name,)),
    Column("sex", N_("性别"), (Person.sex,), "code", "sex"),
    Column("birth", N_("出生日期"), (Person.birth,), "day"),
    Column("age", N_("年龄"), (Person.birth,), "age"),
    Column("id_no", N_("身份证号"), (Person.id_no,), "id"),
    Column("phone", N_("电话"), (Person.phone,), "phone"),
)
_at_home = and_(Residency.person_id == Person.id, Residency.to_on.is_(None))


def _and_home(people: Any) -> Any:
    """With where they live now, if they do."""
    homes = people.outerjoin(Residency, _at_home).outerjoin(Household, Residency.household_id == Household.id)
    return homes.outerjoin(Building, Household.building_id == Building.id)


RESIDENTS = Source(
    key="residents",
    label=N_("现住人员，一人一行"),
    rows=Residency.__table__.join(Person, Residency.person_id == Person.id)
    .join(Household, Residency.household_id == Household.id)
    .join(Building, Household.building_id == Building.id),
    id=Residency.id,
    community=Residency.community_id,
    covers=lambda reader: and_(
        reader.scope.covers(Household.community_id, Household.building_id),
        Residency.to_on.is_(None),
        Person.deleted_at.is_(None),
        Household.deleted_at.is_(None),
    ),
    building=Household.building_id,
    order=(*CLIMB, Residency.is_head.desc(), Residency.relation, Residency.id),
    columns=(
        ESTATE,
        DOOR,
        *_PERSON,
        Column(
            "over_60",
            N_("60 岁以上"),
            (case((Person.birth <= SIXTY, True), else_=False),),
            "yes_no",
            test=lambda wanted: Person.birth <= SIXTY if wanted else or_(Person.birth.is_(None), Person.birth > SIXTY),
        ),
        Column("relation", N_("与户主关系"), (Residency.relation,), "code", "relation"),
        Column("live_kind", N_("居住性质"), (Residency.live_kind,), "code", "live_kind"),
        Column("from_on", N_("迁入日期"), (Residency.from_on,), "day"),
        Column("population_kind", N_("人口类别"), (Person.population_kind,), "code", "population_kind"),
        Column("residency_match", N_("人户一致"), (Person.residency_match,), "code", "residency_match"),
        Column("hukou_address", N_("户籍地址"), (Person.hukou_address,)),
        Column("marital", N_("婚姻状况"), (Person.marital,), "code", "marital"),
        Column("education", N_("学历"), (Person.education,), "code", "education"),
        Column("health", N_("健康状况"), (Person.health,), "code", "health"),
        Column("occupation", N_("职业"), (Person.occupation,)),
        Column("employer", N_("工作单位"), (Person.employer,)),
        TAGS,
        Column("last_visit_on", N_("最近走访"), (Household.last_visit_on,), "day"),
    ),
)

_registered = and_(Floating.person_id == Person.id, or_(Floating.left_on.is_(None), Floating.left_on > DAY))

FLOATING = Source(
    key="floating",
    label=N_("流动人口，一人一行"),
    # Whoever lives here as a floating person is in it, registered or not.
    rows=_and_home(Person.__table__.outerjoin(Floating, _registered)),
    id=Person.id,
    community=Person.community_id,
    covers=lambda reader: and_(
        reader.scope.covers(Person.community_id, Household.building_id),
        or_(Floating.id.is_not(None), should_be_registered()),
        Person.deleted_at.is_(None),
    ),
    order=(Floating.id.is_(None), Floating.expires_on.is_(None), Floating.expires_on, Floating.id, Person.id),
    columns=(
        DOOR,
        *_PERSON,
        Column("is_registered", N_("已登记"), (Floating.id.is_not(None),), "yes_no"),
        Column("direction", N_("流动方向"), (Floating.direction,), "code", "direction"),
        Column("reason", N_("流动原因"), (Floating.reason,), "code", "outflow_reason"),
        Column("hukou_address", N_("户籍地址"), (Person.hukou_address,)),
        Column("has_permit", N_("已办证"), (Floating.permit_kind.is_not(None),), "yes_no"),
        Column("permit_kind", N_("办证类型"), (Floating.permit_kind,), "code", "permit_type"),
        Column("permit_no", N_("证件编号"), (Floating.permit_no,), "id"),
        Column("registered_on", N_("登记日期"), (Floating.registered_on,), "day"),
        Column("expires_on", N_("到期日期"), (Floating.expires_on,), "day"),
        Column("dwelling_kind", N_("住所类型"), (Floating.dwelling_kind,), "code", "dwelling_type"),
        Column("employed_by", N_("用工单位"), (Floating.employed_by,)),
        Column("rented_by", N_("出租人"), (Floating.rented_by,)),
        Column("went_to", N_("去向"), (Floating.went_to,)),
        Column("landlord_duty", N_("签了房东责任书"), (Household.landlord_duty,), "yes_no"),
        Column("live_kind", N_("居住性质"), (Residency.live_kind,), "code", "live_kind"),
        Column("population_kind", N_("人口类别"), (Person.population_kind,), "code", "population_kind"),
    ),
)

FLOATING_LEFT = Source(
    key="floating_left",
    label=N_("已离开的流动人口，一次登记一行"),
    rows=_and_home(Floating.__table__.join(Person, Floating.person_id == Person.id)),
    id=Floating.id,
    community=Floating.community_id,
    covers=lambda reader: and_(
        reader.scope.covers(Person.community_id, Household.building_id), has_left(), Person.deleted_at.is_(None)
    ),
    order=(Floating.left_on.desc(), Floating.id),
    columns=(
        *(column for column in FLOATING.columns if column.key != "is_registered"),
        Column("left_on", N_("离开日期"), (Floating.left_on,), "day"),
    ),
)

_head = (
    select(func.min(Person.name))
    .where(
        Residency.household_id == Household.id,
        Residency.to_on.is_(None),
        Residency.is_head,
        Person.id == Residency.person_id,
        Person.deleted_at.is_(None),
    )
    .correlate(Household)
    .scalar_subquery()
)

HOUSEHOLDS = Source(
    key="households",
    label=N_("户，一户一行"),
    rows=Household.__table__.join(Building, Household.building_id == Building.id),
    id=Household.id,
    community=Household.community_id,
    covers=lambda reader: and_(
        reader.scope.covers(Household.community_id, Household.building_id), Household.deleted_at.is_(None)
    ),
    building=Household.building_id,
    order=(*CLIMB, Household.id),
    columns=(
        ESTATE,
        DOOR,
        Column("head", N_("户主"), (_head,)),
        Column("use", N_("用途"), (Household.use,), "code", "use"),
        Column("occupancy", N_("房屋状态"), (Household.occupancy,), "code", "occupancy"),
        Column("n_members", N_("人数"), (Household.n_members,), "number", summed=True),
        Column("area", N_("面积（平方米）"), (Household.area,), "number", summed=True),
        Column("owner_name", N_("房主"), (Household.owner_name,)),
        Column("owner_phone", N_("房主电话"), (Household.owner_phone,), "phone"),
        Column("rental_use", N_("出租用途"), (Household.rental_use,), "code", "rental_use"),
        Column("landlord_duty", N_("签了房东责任书"), (Household.landlord_duty,), "yes_no"),
        Column("contact_name", N_("联系人"), (Household.contact_name,)),
        Column("contact_phone", N_("联系电话"), (Household.contact_phone,), "phone"),
        Column("emergency_name", N_("紧急联系人"), (Household.emergency_name,)),
        Column("emergency_phone", N_("紧急联系电话"), (Household.emergency_phone,), "phone"),
        Column("family_kind", N_("家庭类别"), (Household.family_kind,), "code", "family_kind"),
        Column("safe_family", N_("平安家庭"), (Household.safe_family,), "yes_no"),
        Column("filed_on", N_("建档日期"), (Household.filed_on,), "day"),
        Column("verified_on", N_("核实日期"), (Household.verified_on,), "day"),
        Column("completeness", N_("完整率（%）"), (Household.completeness,), "number"),
        Column("last_visit_on", N_("最近走访"), (Household.last_visit_on,), "day"),
    ),
)


def _services(what: Any, *more: Any) -> Any:
    """Of the records about somebody."""
    of = (ServiceRecord.person_id == Person.id, ServiceRecord.deleted_at.is_(None), *more)
    return select(what).where(*of).correlate(Person).scalar_subquery()


_this_year = ServiceRecord.on >= YEAR_START
# The first row of somebody with several tags: sums hold each person once.
_first_of_person = func.row_number().over(partition_by=Person.id, order_by=(Tag.code, PersonTag.id)) == 1


def _once(value: Any) -> Any:
    return case((_first_of_person, value))


TAGGED = Source(
    key="tagged",
    label=N_("有标签的人，一人一个标签一行"),
    rows=PersonTag.__table__.join(Tag, PersonTag.tag_id == Tag.id)
    .join(Person, PersonTag.person_id == Person.id)
    .join(Residency, _at_home)
    .join(Household, Residency.household_id == Household.id)
    .join(Building, Household.building_id == Building.id),
    id=PersonTag.id,
    community=PersonTag.community_id,
    covers=lambda reader: and_(
        reader.scope.covers(Household.community_id, Household.building_id),
        Tag.restricted == false(),
        Tag.deleted_at.is_(None),
        Tag.id.not_in(UNSEEN),
        or_(PersonTag.until.is_(None), PersonTag.until > DAY),
        Person.deleted_at.is_(None),
        Household.deleted_at.is_(None),
    ),
    building=Household.building_id,
    order=(*CLIMB, Person.id, Tag.code, PersonTag.id),
    columns=(
        ESTATE,
        DOOR,
        *_PERSON,
        Column("tag", N_("类别"), (Tag.label,), "tags", test=lambda wanted: Tag.code.in_(tuple(wanted))),
        Column("since", N_("开始日期"), (PersonTag.since,), "day"),
        Column("fields", N_("补充内容"), (PersonTag.attrs, Tag.fields), "fields"),
        Column("source", N_("来源"), (PersonTag.source,)),
        Column("carer", N_("联系人"), (PersonTag.carer,)),
        Column("education", N_("学历"), (Person.education,), "code", "education"),
        Column("occupation", N_("职业"), (Person.occupation,)),
        Column("employer", N_("工作单位"), (Person.employer,)),
        Column("n_services", N_("本年服务次数"), (_once(_services(func.count(), _this_year)),), "number", summed=True),
        Column(
            "amount",
            N_("本年救助金额（元）"),
            (_once(_services(func.sum(ServiceRecord.amount), _this_year)),),
            "number",
            summed=True,
        ),
        Column("last_service_on", N_("最近服务"), (_services(func.max(ServiceRecord.on)),), "day"),
    ),
)

_on_that_day = and_(
    _their_person_tag.person_id == VisitPerson.person_id,
    _their_tag.id == _their_person_tag.tag_id,
    _their_tag.id.in_(RESTRICTED),
    or_(_their_person_tag.until.is_(None), _their_person_tag.until > DAY),
)

TALKS = Source(
    key="talks",
    label=N_("与帮教人员的谈话"),
    rows=VisitPerson.__table__.join(Visit, VisitPerson.visit_id == Visit.id)
    .join(Person, VisitPerson.person_id == Person.id)
    .join(Household, Visit.household_id == Household.id)
    .join(Building, Household.building_id == Building.id)
    .join(User, Visit.worker_id == User.id),
    id=VisitPerson.id,
    community=Visit.community_id,
    covers=lambda reader: and_(
        reader.scope.covers(Visit.community_id, Household.building_id),
        Visit.kind == "talk",
        Visit.deleted_at.is_(None),
        Person.deleted_at.is_(None),
        select(_their_tag.id).where(_on_that_day).exists(),
    ),
    at=Visit.at,
    order=(Visit.at.desc(), VisitPerson.id),
    columns=(
        Column("at", N_("谈话时间"), (Visit.at,), "moment"),
        DOOR,
        Column("name", N_("姓名"), (Person.name,)),
        Column("tags", N_("类别"), (strung(_their_tag.label, _on_that_day),), "tags"),
        Column("worker", N_("谈话人"), (User.name,)),
        Column("content", N_("谈话内容"), (Visit.content,)),
        Column("needs", N_("居民需求"), (Visit.needs,)),
        Column("due_on", N_("下次谈话"), (Visit.due_on,), "day"),
    ),
    restricted=True,
)

VISITS = Source(
    key="visits",
    label=N_("走访，一次一行"),
    rows=Visit.__table__.join(Household, Visit.household_id == Household.id)
    .join(Building, Household.building_id == Building.id)
    .join(User, Visit.worker_id == User.id),
    id=Visit.id,
    community=Visit.community_id,
    covers=lambda reader: and_(lies_in(Visit.community_id, Household.building_id)(reader), Visit.deleted_at.is_(None)),
    at=Visit.at,
    order=(Visit.at.desc(), Visit.id.desc()),
    columns=(
        Column("at", N_("走访时间"), (Visit.at,), "moment"),
        ESTATE,
        DOOR,
        Column("worker", N_("走访人"), (User.name,)),
        Column("kind", N_("走访方式"), (Visit.kind,), "code", "visit_kind"),
        Column("found", N_("走访结果"), (Visit.found,), "code", "found"),
        Column(
            "met",
            N_("见到的人"),
            (strung(Person.name, VisitPerson.visit_id == Visit.id, Person.id == VisitPerson.person_id),),
            "names",
        ),
        Column("topics", N_("走访内容"), (Visit.topics,), "codes", "topic"),
        Column("content", N_("走访记录"), (case((is_confidential(), None), else_=Visit.content),)),
        Column("needs", N_("居民需求"), (case((is_confidential(), None), else_=Visit.needs),)),
        Column("gift", N_("慰问品"), (Visit.gift,)),
        Column("due_on", N_("下次走访"), (Visit.due_on,), "day"),
    ),
)
