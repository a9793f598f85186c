"""`flask user add` makes accounts from the command line, the first one of a fresh install too."""

import re

from flask import Flask

from grid.accounts.models import Patch
from grid.accounts.queries import user_by_login
from grid.core.db import db
from grid.register.models import Community
from tests.factories import Place


def add(app: Flask, *args: str) -> str:
    db.session.commit()
    return app.test_cli_runner().invoke(args=["user", "add", *args]).output


def test_the_first_administrator_brings_the_community(app: Flask) -> None:
    said = add(app, "--login", "Chef", "--name", "社长", "--role", "administrator", "--community", "新桥社区")

    password = re.search(r"[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}", said)
    assert password
    made = db.session.query(Community).one()
    assert db.session.query(Patch).one().community_id == made.id
    client = app.test_client()
    assert client.post("/login", data={"login": "chef", "password": password.group()}).status_code == 303
    assert client.get("/staff").status_code == 200


def test_an_administrator_may_begin_without_a_community(app: Flask) -> None:
    add(app, "--login", "chef", "--name", "社长", "--role", "administrator")

    assert user_by_login("chef") is not None
    assert db.session.query(Patch).count() == 0


def test_a_worker_gets_a_block_and_a_head_a_building(app: Flask, place: Place) -> None:
    add(app, "--login", "w1", "--name", "甲", "--role", "grid_worker", "--community", "桃园社区", "--block", "2")
    add(app, "--login", "h1", "--name", "乙", "--role", "building_head", "--community", "桃园社区", "--building", "3")

    patches = db.session.query(Patch).order_by(Patch.id).all()
    assert [(p.block_id, p.building_id) for p in patches] == [(place.blocks[1].id, None), (None, place.buildings[2].id)]


def test_what_does_not_fit_is_said_and_nothing_is_made(app: Flask, place: Place) -> None:
    worker = ("--login", "w1", "--name", "甲", "--role", "grid_worker")

    assert "--community" in add(app, *worker)
    assert "没有叫“无名社区”的社区" in add(app, *worker, "--community", "无名社区")
    assert "没有第 9 片区" in add(app, *worker, "--community", "桃园社区", "--block", "9")
    assert "请至少选一个片区" in add(app, *worker, "--community", "桃园社区")
    assert "没有叫" in add(app, "--login", "a1", "--name", "甲", "--role", "administrator", "--community", "打错社区")
    assert user_by_login("w1") is None and user_by_login("a1") is None
