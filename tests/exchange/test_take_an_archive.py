"""An administrator takes the archive of a community: alone where there is no other, else after that one agreed."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from grid.accounts.models import AuditEntry
from grid.core.clock import now, today
from grid.core.db import db
from grid.core.refusals import Refused
from grid.exchange import archive_sealing
from grid.exchange.archive_checking import open_archive
from grid.exchange.archive_writing import ArchiveEntry, export_community
from grid.exchange.models import ExportRequest
from tests.conftest import LogIn
from tests.exchange import installs
from tests.factories import Cast, Place, hand_out, make_user

PAGE = "/exports/community"
WORD = "换电脑的口令八个字"
SAID = {"reason": "换电脑，搬到新服务器", "passphrase": WORD, "again": WORD}


@pytest.fixture(autouse=True)
def quick_scrypt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(archive_sealing.COST, "n", 1 << 10)


@pytest.fixture
def second(place: Place, cast: Cast) -> int:
    """Another administrator of 桃园社区."""
    user = make_user("second", "administrator", "副社长")
    db.session.commit()
    hand_out(user, place.community)
    return user.id


def lines(action: str) -> list[tuple[int | None, str]]:
    found = select(AuditEntry.actor_id, AuditEntry.words).where(AuditEntry.action == action)
    return [(actor, words) for actor, words in db.session.execute(found)]


def take(client: FlaskClient, tmp_path: Path) -> Path:
    answer = client.post(PAGE, data=SAID)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "no-store"
    path = tmp_path / "taken.yihu"
    path.write_bytes(answer.get_data())
    answer.close()
    return path


def test_who_is_alone_takes_it_at_once(app: Flask, place: Place, cast: Cast, log_in: LogIn, tmp_path: Path) -> None:
    path = take(log_in("admin"), tmp_path)

    with open_archive(path, WORD, "9998") as archive:
        assert archive.content.community == "桃园社区"
        assert {row["name"] for row in archive.lines("person")} >= {"王小明", "李芳"}
        assert "王外人" not in {row["name"] for row in archive.lines("person")}
    assert lines("export_community") == [(cast.admin.id, SAID["reason"])]
    left = [file for file in installs.of(app).instance.iterdir() if file.is_file() and "tmp" in file.name]
    assert left == []


@pytest.mark.parametrize(
    ("changed", "sentence"),
    (
        ({"reason": "无"}, "请写明用途"),
        ({"passphrase": "短", "again": "短"}, "口令至少 8 个字"),
        ({"again": "另一个八个字的口令"}, "两次输入的口令不一样"),
    ),
)
def test_a_reason_and_a_good_passphrase_are_needed(
    place: Place, cast: Cast, log_in: LogIn, changed: dict[str, str], sentence: str
) -> None:
    answer = log_in("admin").post(PAGE, data=SAID | changed)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and sentence in page
    assert changed.get("reason", SAID["reason"]) in page and WORD not in page
    assert lines("export_community") == []


def test_of_two_administrators_one_asks_and_takes_it_when_the_other_agreed(
    place: Place, cast: Cast, second: int, log_in: LogIn, tmp_path: Path
) -> None:
    client = log_in("admin")
    assert "给档案包定一个口令" not in client.get(PAGE).get_data(as_text=True)

    asked = client.post(PAGE, data=SAID)

    assert asked.status_code == 303
    (row,) = db.session.scalars(select(ExportRequest))
    assert (row.subject, row.reason, row.asked_by, row.n_rows) == ("community", SAID["reason"], cast.admin.id, 5)
    assert "正在等另一位管理员同意" in client.get(PAGE).get_data(as_text=True)
    assert client.post(PAGE, data=SAID).status_code == 422
    assert len(lines("ask_export")) == 1 and lines("export_community") == []

    assert log_in("second").post(f"/exports/{row.public_id}/agree").status_code == 303
    to_take = client.post(f"/exports/{row.public_id}/take")
    assert (to_take.status_code, to_take.headers["Location"].split("?")[0]) == (303, PAGE)
    assert PAGE in client.get("/exports").get_data(as_text=True)
    assert "已经同意" in client.get(PAGE).get_data(as_text=True)
    path = take(client, tmp_path)
    with open_archive(path, WORD, "9998") as archive:
        assert archive.content.rows["person"] == 5
    assert lines("export_community") == [(cast.admin.id, SAID["reason"])]

    again = client.post(PAGE, data=SAID)
    assert again.status_code == 303, "taken once: now it is a new request"
    assert len(lines("export_community")) == 1


def test_of_two_that_take_it_at_once_one_gets_it(
    app: Flask, place: Place, cast: Cast, second: int, tmp_path: Path
) -> None:
    """Both had the page open when it was agreed to; the rows are written before either is told."""
    facts = {"asked_by": cast.admin.id, "answered_by": second, "answered_at": now(), "is_agreed": True}
    row = ExportRequest(community_id=place.community.id, subject="community", asked={}, n_rows=5, reason="换", **facts)
    db.session.add(row)
    db.session.commit()
    entry = ArchiveEntry(place.community.id, "桃园社区", "换电脑", WORD, row.id)
    instance = installs.of(app).instance

    export_community(cast.admin, entry, tmp_path / "first", instance)
    with pytest.raises(Refused, match="已经取过"):
        export_community(cast.admin, entry, tmp_path / "second", instance)

    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["first"]
    assert len(lines("export_community")) == 1


def test_what_was_declined_is_not_taken(place: Place, cast: Cast, second: int, log_in: LogIn) -> None:
    client = log_in("admin")
    client.post(PAGE, data=SAID)
    (row,) = db.session.scalars(select(ExportRequest))
    row.answered_by, row.answered_at, row.is_agreed = second, now(), False
    db.session.commit()

    answer = client.post(PAGE, data=SAID)

    assert answer.status_code == 303 and lines("export_community") == []
    assert len(db.session.scalars(select(ExportRequest)).all()) == 2


def test_only_the_whole_of_ones_own_community(place: Place, cast: Cast, log_in: LogIn) -> None:
    assert log_in("worker").get(PAGE).status_code == 403
    assert log_in("admin").post(PAGE, data={**SAID, "community": place.other.public_id}).status_code == 404


def test_from_the_command_line(app: Flask, place: Place, cast: Cast, tmp_path: Path) -> None:
    word, path = tmp_path / "word", tmp_path / "a.yihu"
    word.write_text(WORD + "\n")
    of = ["export", "community", str(path), "--reason", "备份"]
    run = app.test_cli_runner().invoke

    assert "有好几个社区" in run(args=of).output
    told = run(args=[*of, "--community", "桃园社区", "--passphrase-file", str(word)])

    assert told.exit_code == 0, told.output
    assert "household 36" in told.output and "没有设口令" not in told.output
    assert archive_sealing.is_sealed(path.open("rb"))
    assert lines("export_community") == [(None, "备份")]
    open_ = run(args=[*of, "--community", "桃园社区"])
    assert open_.exit_code == 0 and "没有设口令" in open_.output
    assert run(args=[*of, "--community", "没有的"]).exit_code == 1
    word.write_text("短")
    assert run(args=[*of, "--community", "桃园社区", "--passphrase-file", str(word)]).exit_code == 1
    assert run(args=["import", "community", str(path)]).exit_code == 1
    assert run(args=["import", "community", str(word)]).exit_code == 1, "the system is not empty"
    assert today()
