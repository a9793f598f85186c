"""An administrator makes accounts, resets passwords and puts people out, in the own communities only."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from grid.accounts.models import AuditEntry, LoginSession, Patch, User
from grid.accounts.queries import user_by_login
from grid.core.clock import today
from grid.core.db import db
from tests import factories
from tests.conftest import LogIn
from tests.factories import Cast, Place


def text(answer: object) -> str:
    return answer.get_data(as_text=True)  # type: ignore[attr-defined]


def user(login: str) -> User:
    db.session.rollback()
    found = user_by_login(login)
    assert found is not None
    return found


@pytest.fixture
def outsider(place: Place, cast: Cast) -> User:
    """Somebody who works in the other community only."""
    made = factories.make_user("outsider", "grid_worker", "外社区人")
    db.session.commit()
    factories.hand_out(made, place.other)
    return made


def test_the_list_shows_who_works_here_and_nobody_else(place: Place, outsider: User, log_in: LogIn) -> None:
    page = text(log_in("admin").get("/staff"))

    assert "孟网格" in page and "第1片区" in page and "桃园小区 1 幢" in page
    assert "外社区人" not in page


@pytest.mark.parametrize("login", ["worker", "head", "street"])
@pytest.mark.parametrize("path", ["/staff", "/staff/new", "/audit", "/settings", "/communities/new"])
def test_other_roles_are_refused(cast: Cast, log_in: LogIn, login: str, path: str) -> None:
    assert log_in(login).get(path).status_code == 403


def test_an_account_outside_is_not_there(place: Place, outsider: User, log_in: LogIn) -> None:
    admin, public_id = log_in("admin"), outsider.public_id

    assert admin.get(f"/staff/{public_id}").status_code == 404
    for what in ("", "/password", "/deactivate", "/activate", "/patches"):
        assert admin.post(f"/staff/{public_id}{what}", data={"name": "谁", "from_on": "2026-01-01"}).status_code == 404
    assert admin.get(f"/staff?community={place.other.public_id}").status_code == 404
    assert admin.get(f"/staff/new?community={place.other.public_id}").status_code == 404
    assert user("outsider").is_active


def test_a_new_worker_gets_a_patch_and_a_password_shown_once(
    place: Place, cast: Cast, app: Flask, log_in: LogIn
) -> None:
    admin = log_in("admin")
    block = place.blocks[1].public_id

    answer = admin.post(
        "/staff/new",
        data={"name": "新网格", "login": "XinWang", "role": "grid_worker", "blocks": block, "duty": "helps"},
    )

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    found = re.search(r"[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}", text(answer))
    assert found
    client = app.test_client()
    assert client.post("/login", data={"login": "xinwang", "password": found.group()}).status_code == 303
    made = user("xinwang")
    patch = db.session.query(Patch).filter_by(user_id=made.id).one()
    assert (patch.block_id, patch.duty, patch.from_on) == (place.blocks[1].id, "helps", today())
    entry = db.session.query(AuditEntry).filter_by(action="add_account", words="xinwang").one()
    assert entry.community_id == place.community.id
    assert found.group() not in text(admin.get("/audit"))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"login": "worker", "role": "street_viewer"}, "已经有人用了"),
        ({"login": "有 空格", "role": "street_viewer"}, "账号名至少 2 个字"),
        ({"login": "neu", "role": "grid_worker"}, "请至少选一个片区或一栋楼"),
        ({"login": "neu", "role": "building_head"}, "请至少选一个片区或一栋楼"),
        ({"login": "neu", "role": "king"}, "请选一个角色"),
        ({"login": "", "role": "street_viewer"}, "请填写账号名"),
        ({"login": "neu", "role": "street_viewer", "phone": "abc"}, "只填数字"),
        ({"login": "neu", "role": "street_viewer", "from_on": "2026-02-30"}, "2026-01-31"),
        ({"login": "neu", "role": "street_viewer", "from_on": "2026-03-01", "to_on": "2026-02-01"}, "比开始日期还早"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    place: Place, cast: Cast, log_in: LogIn, given: dict[str, str], sentence: str
) -> None:
    answer = log_in("admin").post("/staff/new", data={"name": "某某某", "duty": "in_charge", **given})

    assert answer.status_code == 422
    assert sentence in text(answer) and "某某某" in text(answer)
    assert db.session.query(User).filter_by(name="某某某").count() == 0


def test_a_block_or_building_of_another_community_cannot_be_given(place: Place, cast: Cast, log_in: LogIn) -> None:
    from grid.register.models import Block

    foreign = db.session.query(Block).filter_by(community_id=place.other.id).one().public_id

    answer = log_in("admin").post(
        "/staff/new", data={"name": "某", "login": "neu", "role": "grid_worker", "blocks": foreign, "duty": "in_charge"}
    )

    assert answer.status_code == 422 and "请从列表里选" in text(answer)


def test_a_reset_password_ends_the_sessions(cast: Cast, app: Flask, log_in: LogIn) -> None:
    worker, admin = log_in("worker"), log_in("admin")

    answer = admin.post(f"/staff/{cast.worker.public_id}/password")

    found = re.search(r"[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}", text(answer))
    assert found
    assert worker.get("/me").status_code == 303
    fresh = app.test_client()
    assert fresh.post("/login", data={"login": "worker", "password": factories.PASSWORD}).status_code == 422
    assert fresh.post("/login", data={"login": "worker", "password": found.group()}).status_code == 303


def test_deactivating_puts_somebody_out_at_once_and_can_be_undone(cast: Cast, app: Flask, log_in: LogIn) -> None:
    worker, admin = log_in("worker"), log_in("admin")

    assert admin.post(f"/staff/{cast.worker.public_id}/deactivate").status_code == 303

    assert worker.get("/me").status_code == 303
    assert db.session.query(LoginSession).filter_by(user_id=cast.worker.id).count() == 0
    again = app.test_client()
    assert again.post("/login", data={"login": "worker", "password": factories.PASSWORD}).status_code == 422
    assert admin.post(f"/staff/{cast.worker.public_id}/activate").status_code == 303
    assert again.post("/login", data={"login": "worker", "password": factories.PASSWORD}).status_code == 303


def test_nobody_puts_himself_out(cast: Cast, log_in: LogIn) -> None:
    admin = log_in("admin")

    answer = admin.post(f"/staff/{cast.admin.public_id}/deactivate")

    assert answer.status_code == 422 and "不能停用自己的账号" in text(answer)
    assert admin.post(f"/staff/{cast.admin.public_id}/password").status_code == 422
    assert admin.get("/staff").status_code == 200


def test_who_also_works_elsewhere_is_not_ours_to_reset(place: Place, cast: Cast, log_in: LogIn) -> None:
    # The street viewer sees the other community too: with a new password the administrator would as well.
    admin = log_in("admin")
    for what in ("password", "deactivate"):
        answer = admin.post(f"/staff/{cast.street.public_id}/{what}")
        assert answer.status_code == 422 and "还在别的社区工作" in text(answer)
    assert user("street").is_active


def test_name_and_phone_can_be_corrected(cast: Cast, log_in: LogIn) -> None:
    admin = log_in("admin")

    answer = admin.post(f"/staff/{cast.worker.public_id}", data={"name": "孟网格", "phone": "199 0001 2222"})

    assert answer.status_code == 422
    assert (
        admin.post(f"/staff/{cast.worker.public_id}", data={"name": "孟新", "phone": "19900012222"}).status_code == 303
    )
    assert (user("worker").name, user("worker").phone) == ("孟新", "19900012222")


def test_the_list_takes_the_same_statements_for_any_number_of_people(
    place: Place, cast: Cast, log_in: LogIn, count_queries: Callable[[], int]
) -> None:
    admin = log_in("admin")
    admin.get("/staff")
    count_queries()
    admin.get("/staff")
    few = count_queries()
    for n in range(12):
        factories.hand_out(
            factories.make_user(f"more{n}", "building_head", f"多{n}"),
            place.community,
            building_id=place.buildings[1].id,
        )
    count_queries()

    admin.get("/staff")

    assert count_queries() == few


def test_pages_stand_without_a_community(app: Flask, log_in: LogIn) -> None:
    factories.make_user("fresh", "administrator", "新来的")
    db.session.commit()
    client: FlaskClient = log_in("fresh")

    for path in ("/staff", "/audit", "/settings"):
        answer = client.get(path)
        assert answer.status_code == 303 and answer.location == "/communities/new"
