"""An administrator makes tags of the committee's own, without programming and within the guard rails."""

import uuid
from typing import Any

import pytest
from sqlalchemy import select

from grid.accounts.models import AuditEntry
from grid.core.clock import today
from grid.core.db import db
from grid.register.models import Tag
from grid.register.starter_tags import RETENTION_DAYS
from grid.register.summaries import refresh_members
from tests.conftest import LogIn
from tests.factories import Cast, Place, make_tag


def typed(**given: Any) -> dict[str, str]:
    words = {"key": str(uuid.uuid4()), "label": "助餐老人", "group": "care", "for_workers": "y"}
    return words | {f"kind_{n}": "text" for n in range(8)} | given


def tag_named(label: str) -> Tag | None:
    db.session.rollback()
    return db.session.scalar(select(Tag).where(Tag.label == label).order_by(Tag.id))


def test_a_new_tag_has_fields_and_a_rule(cast: Cast, place: Place, log_in: LogIn) -> None:
    admin = log_in("admin")
    words = typed(
        label_0="送餐方式", kind_0="choice", choices_0="上门，自取、代取", needed_0="y",
        label_1="每餐补助", kind_1="number",
        contact_every_days="30", contact_kind="visit", grace_days="5", retention_days="90",
    )  # fmt: skip

    answer = admin.post("/tags", data=words)

    tag = tag_named("助餐老人")
    assert answer.status_code == 303 and tag is not None
    assert tag.fields == [
        {"key": "f1", "label": "送餐方式", "kind": "choice", "choices": ["上门", "自取", "代取"], "needed": True},
        {"key": "f2", "label": "每餐补助", "kind": "number", "choices": [], "needed": False},
    ]
    assert (tag.contact_every_days, tag.contact_kind, tag.grace_days, tag.retention_days) == (30, "visit", 5, 90)
    assert tag.viewers is None and tag.code and tag.community_id == place.community.id
    page = admin.get(answer.location).text
    assert "助餐老人" in page and "送餐方式" in page


def test_the_same_form_sent_twice_is_one_tag(cast: Cast, place: Place, log_in: LogIn) -> None:
    admin, words = log_in("admin"), typed()

    codes = [admin.post("/tags", data=words).status_code for _ in range(2)]

    assert codes == [303, 303]
    assert len(db.session.scalars(select(Tag).where(Tag.label == "助餐老人")).all()) == 1


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"label": ""}, "请填写标签名称"),
        ({"label": "低保"}, "已经有叫"),
        ({"group": "secret"}, "请从列表里选一项"),
        ({"label_0": "方式", "kind_0": "choice", "choices_0": "上门"}, "至少两个选项"),
        ({"choices_1": "甲、乙"}, "起个名称"),
        ({"contact_every_days": "0"}, "1 到 730"),
        ({"contact_every_days": "每月"}, "请填整数"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    cast: Cast, place: Place, log_in: LogIn, given: dict[str, str], sentence: str
) -> None:
    answer = log_in("admin").post("/tags", data=typed(retention_days="77", **given))

    assert answer.status_code == 422 and sentence in answer.text and 'value="77"' in answer.text
    assert tag_named("助餐老人") is None


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"label": "信教群众"}, "不能登记信仰"),
        ({"label": "上访户"}, "这是居民的权利"),
        ({"label_0": "政治观点"}, "不能登记政治观点"),
        ({"label": "H.I.V 阳性"}, "法律为当事人保密"),
        ({"label": "HIV"}, "法律为当事人保密"),
        ({"label_1": "避孕措施"}, "家庭的私事"),
        ({"label_0": "情况", "kind_0": "choice", "choices_0": "怀孕、没有"}, "由医疗机构服务"),
        ({"label": "来访黑名单"}, "不能给人建黑名单"),
    ],
)
def test_what_is_nobodys_business_is_refused_with_a_reason(
    cast: Cast, place: Place, log_in: LogIn, words: dict[str, str], sentence: str
) -> None:
    answer = log_in("admin").post("/tags", data=typed(**words))

    assert answer.status_code == 422 and sentence in answer.text
    assert all(said in answer.text for said in words.values())


def test_a_field_keeps_what_was_filled_in_when_it_gets_another_name(cast: Cast, place: Place, log_in: LogIn) -> None:
    admin, tag = log_in("admin"), tag_named("残疾")
    assert tag is not None
    words = typed(label="残疾", key_0="grade", label_0="残疾等级", kind_0="choice", choices_0="一级、二级", version="1")

    codes = [admin.post(f"/tags/{tag.public_id}", data=words).status_code for _ in range(2)]

    assert codes == [303, 422]
    saved = db.session.get_one(Tag, tag.id, populate_existing=True)
    assert saved.fields and (saved.fields[0]["key"], saved.fields[0]["label"]) == ("grade", "残疾等级")
    assert saved.version == 2


def test_one_that_nobody_carries_is_withdrawn(cast: Cast, place: Place, log_in: LogIn) -> None:
    carried, _row = make_tag(place.people["王小明"])
    db.session.commit()
    free, admin = tag_named("特困"), log_in("admin")
    assert free is not None

    refused = admin.post(f"/tags/{carried.public_id}/remove")
    gone = admin.post(f"/tags/{free.public_id}/remove")

    assert refused.status_code == 422 and "还有 1 人" in refused.text
    assert gone.status_code == 303
    assert "特困" not in admin.get("/tags").text and "低保" in admin.get("/tags").text
    assert db.session.scalar(select(AuditEntry.words).where(AuditEntry.action == "remove_tag")) == "特困"


def test_a_restricted_one_does_not_become_ordinary_and_is_not_kept_for_ever(
    cast: Cast, place: Place, log_in: LogIn
) -> None:
    tag, _row = make_tag(place.people["王小明"], "released")
    admin = log_in("admin")

    answer = admin.post(f"/tags/{tag.public_id}", data=typed(label="刑满释放", group="guidance", version="1"))
    admin.post("/tags", data=typed(label="重点关爱", restricted="y"))

    assert answer.status_code == 422 and "不能改成普通标签" in answer.text
    made = tag_named("重点关爱")
    assert made is not None and made.restricted and made.retention_days == RETENTION_DAYS == 365


@pytest.mark.parametrize("code", ["released", "low_income"])
def test_who_carried_one_before_keeps_it_restricted_or_ordinary(
    cast: Cast, place: Place, log_in: LogIn, code: str
) -> None:
    tag, row = make_tag(place.people["王小明"], code, until=today())
    words = typed(label=tag.label, group=tag.group, version="1") | ({} if tag.restricted else {"restricted": "y"})
    was, admin = tag.restricted, log_in("admin")
    db.session.commit()

    refused = admin.post(f"/tags/{tag.public_id}", data=words)
    db.session.delete(row)
    db.session.commit()
    saved = admin.post(f"/tags/{tag.public_id}", data=words)

    assert refused.status_code == 422 and ("不能改成普通标签" if was else "不能改成受限标签") in refused.text
    db.session.refresh(tag)
    assert saved.status_code == 303 and tag.restricted != was


def test_the_sum_of_carriers_follows_who_may_see_it(cast: Cast, place: Place, log_in: LogIn) -> None:
    tag, _row = make_tag(place.people["王小明"])
    door, admin = place.doors["1-1-101"], log_in("admin")
    refresh_members([door.id])
    db.session.commit()
    assert door.n_tags == 1

    admin.post(f"/tags/{tag.public_id}", data=typed(label="低保", version="1", for_workers=""))

    db.session.refresh(door)
    assert door.n_tags == 0
    household = f"/households/{door.public_id}"
    assert "低保" in admin.get(household).text and "低保" not in log_in("worker").get(household).text


def test_only_administrators_of_the_community_define_tags(cast: Cast, place: Place, log_in: LogIn) -> None:
    there = db.session.scalar(select(Tag).where(Tag.community_id == place.other.id))
    assert there is not None

    assert log_in("worker").get("/tags").status_code == 403
    assert log_in("admin").get(f"/tags/{there.public_id}").status_code in (200, 404)


def test_saving_in_english_leaves_the_words_as_they_are_kept(cast: Cast, place: Place, log_in: LogIn) -> None:
    admin, tag = log_in("admin"), tag_named("残疾")
    assert tag is not None and tag.fields
    admin.post("/me/language", data={"language": "en"})

    page = admin.get(f"/tags/{tag.public_id}").text

    assert f'value="{tag.fields[0]["label"]}"' in page and f'value="{"、".join(tag.fields[0]["choices"])}"' in page
    assert 'value="残疾"' in page
