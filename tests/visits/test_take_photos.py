"""A worker takes photos: small, without what the camera wrote into them, only for whoever may see the door."""

import uuid
import warnings
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import func, select

from grid.accounts.models import AuditEntry
from grid.core.clock import today
from grid.core.db import db
from grid.demo import accounts
from grid.demo.actions import load_demo, remove_demo
from grid.register.models import Community
from grid.visits import album, pictures
from grid.visits.models import Visit, VisitPhoto
from tests.conftest import LogIn
from tests.factories import Cast, Place
from tests.visits.camera import bomb, photo, segments, telling_photo


def send(client: FlaskClient, place: Place, *files: tuple[bytes, str], **words: Any) -> Any:
    door = place.doors["1-1-101"].public_id
    photos = [(BytesIO(content), name) for content, name in files]
    given = {"key": str(uuid.uuid4()), "found": "home", **words, "photos": photos}
    return client.post(f"/households/{door}/visits", data=given, content_type="multipart/form-data")


def count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def only_photo() -> VisitPhoto:
    return db.session.scalars(select(VisitPhoto)).one()


def stored(app: Flask) -> bytes:
    kept = album.picture(Path(app.config["INSTANCE"]), only_photo().sha256)
    assert kept
    return kept


def files(app: Flask) -> set[Path]:
    return {path for path in (Path(app.config["INSTANCE"]) / "photos").rglob("*") if path.is_file()}


def test_nothing_is_left_of_what_the_camera_wrote(app: Flask, cast: Cast, place: Place, log_in: LogIn) -> None:
    sent = telling_photo()
    assert b"Exif" in sent and all(word in sent for word in (b"Maker", b"Profile", b"Comment", b"Xmp"))

    assert send(log_in("worker"), place, (sent, "IMG_1.jpg")).status_code == 303

    jpeg = stored(app)
    # Only tables, frame and the plain JFIF head: no APP1 (EXIF, GPS, XMP), no APP2 (ICC), no comment.
    assert set(segments(jpeg)) <= {0xE0, 0xDB, 0xC0, 0xC4, 0xDA}
    assert b"Secret" not in jpeg and b"Exif" not in jpeg
    with Image.open(BytesIO(jpeg)) as opened:
        assert dict(opened.getexif()) == {} and not {"icc_profile", "comment", "xmp", "exif"} & set(opened.info)


def test_it_stands_upright_and_at_most_1280_high(app: Flask, cast: Cast, place: Place, log_in: LogIn) -> None:
    send(log_in("worker"), place, (telling_photo(), "IMG_1.jpg"))

    kept = only_photo()
    jpeg = stored(app)
    with Image.open(BytesIO(jpeg)) as opened:
        assert opened.size == (kept.width, kept.height) == (960, 1280)
        above, below = opened.getpixel((480, 100)), opened.getpixel((480, 1200))
    assert above[0] > 200 and above[2] < 60 and below[2] > 200 and below[0] < 60  # type: ignore[index]
    assert kept.size == len(jpeg)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_other_kinds_become_jpegs_and_small_ones_stay_small(
    app: Flask, cast: Cast, place: Place, log_in: LogIn, kind: str
) -> None:
    send(log_in("worker"), place, (photo(300, 200, kind=kind), f"shot.{kind.lower()}"))

    assert stored(app).startswith(b"\xff\xd8") and (only_photo().width, only_photo().height) == (300, 200)


def test_what_can_be_seen_through_becomes_white(app: Flask) -> None:
    written = BytesIO()
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(written, "PNG")

    made = pictures.read_picture("a.png", written.getvalue())

    with Image.open(BytesIO(made.jpeg)) as opened:
        assert opened.getpixel((10, 10)) == (255, 255, 255)


def test_the_file_is_on_the_disk_when_the_answer_comes(app: Flask, cast: Cast, place: Place, log_in: LogIn) -> None:
    assert send(log_in("worker"), place, (photo(), "1.jpg"), (photo(colour="red"), "2.jpg")).status_code == 303

    named = set(db.session.scalars(select(VisitPhoto.sha256)))
    there = {path.stem: path for path in files(app)}
    assert len(named) == 2 and named <= set(there)
    path = there[named.pop()]
    assert path.parent.name == path.stem[:2] and path.suffix == ".jpg"
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert not [path for path in files(app) if path.suffix == ".part"]


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"just words " * 50, "notes.jpg", "“notes.jpg”不是照片"),
        (photo()[:3000], "half.jpg", "“half.jpg”不是照片"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 500, "head.jpg", "“head.jpg”不是照片"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 100, "IMG_9.HEIC", "“IMG_9.HEIC”是 HEIC 格式"),
        (b"GIF89a" + b"\0" * 100, "move.gif", "“move.gif”不是照片"),
    ],
)
def test_what_is_no_picture_is_named_and_nothing_typed_is_lost(
    cast: Cast, place: Place, log_in: LogIn, content: bytes, name: str, sentence: str
) -> None:
    answer = send(log_in("worker"), place, (photo(), "good.jpg"), (content, name), content="写好的话", topics="safety")

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and count(Visit) == count(VisitPhoto) == 0
    assert sentence in page and "照片没有跟着表单留下" in page
    assert "写好的话" in page and 'value="safety" checked' in page


@pytest.mark.parametrize("side", [60_000, 10_000, 7_100])
def test_a_bomb_is_not_unpacked(cast: Cast, place: Place, log_in: LogIn, side: int) -> None:
    unpacked: list[str] = []

    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        patch.setattr("PIL.ImageFile.ImageFile.load", lambda *given: unpacked.append("load"))
        answer = send(log_in("worker"), place, (bomb(side), "bomb.png"))

    assert answer.status_code == 422 and unpacked == [] and count(Visit) == 0
    assert "“bomb.png”太大，最多 5000 万像素" in answer.get_data(as_text=True)


def test_six_at_most(app: Flask, cast: Cast, place: Place, log_in: LogIn) -> None:
    worker = log_in("worker")
    many = [(photo(60, 40, colour=f"#0000{n}0"), f"{n}.jpg") for n in range(1, 8)]

    seven, six = send(worker, place, *many), send(worker, place, *many[:6])

    assert seven.status_code == 422 and "最多 6 张" in seven.get_data(as_text=True)
    assert six.status_code == 303 and count(VisitPhoto) == 6


def test_too_many_bytes_are_refused_by_name(
    cast: Cast, place: Place, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grid.visits.forms.LARGEST_PHOTO", 1000)

    answer = send(log_in("worker"), place, (photo(), "big.jpg"), content="写好的话")

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "“big.jpg”超过 12 MB" in page and "写好的话" in page


def test_the_same_sent_twice_is_one_visit_and_another_photo_is_another_entry(
    cast: Cast, place: Place, log_in: LogIn
) -> None:
    worker, key = log_in("worker"), str(uuid.uuid4())

    first = send(worker, place, (photo(), "1.jpg"), key=key)
    again = send(worker, place, (photo(), "1.jpg"), key=key)
    other = send(worker, place, (photo(colour="red"), "1.jpg"), key=key)
    without = send(worker, place, key=key)

    assert [a.status_code for a in (first, again, other, without)] == [303, 303, 422, 422]
    assert first.headers["Receipt-Visit"] == again.headers["Receipt-Visit"]
    assert count(Visit) == count(VisitPhoto) == 1
    assert key not in other.get_data(as_text=True)


def test_the_same_picture_twice_in_one_visit_is_one(cast: Cast, place: Place, log_in: LogIn) -> None:
    send(log_in("worker"), place, (photo(), "1.jpg"), (photo(), "copy.jpg"))

    assert count(VisitPhoto) == 1


def test_an_empty_file_field_is_no_photo(cast: Cast, place: Place, log_in: LogIn) -> None:
    assert send(log_in("worker"), place, (b"", "")).status_code == 303

    assert count(Visit) == 1 and count(VisitPhoto) == 0


def test_a_visit_that_fails_leaves_no_row(
    cast: Cast, place: Place, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*given: Any, **more: Any) -> None:
        raise RuntimeError("in the middle")

    monkeypatch.setattr("grid.visits.actions.receipts.answer", fail)

    answer = send(log_in("worker"), place, (photo(), "1.jpg"))

    assert answer.status_code == 500 and count(Visit) == count(VisitPhoto) == 0


def test_where_the_disk_is_full_nothing_is_said_to_be_stored(
    app: Flask, cast: Cast, place: Place, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    before = files(app)
    worker = log_in("worker")
    monkeypatch.setattr("grid.visits.album.os.fsync", full)

    answer = send(worker, place, (photo(111, 222, colour="#010203"), "1.jpg"))

    assert answer.status_code >= 500 and "Receipt-Visit" not in answer.headers
    assert count(Visit) == 0 and files(app) == before


def test_whoever_may_see_the_door_sees_the_photo_and_it_is_written_down(
    app: Flask, cast: Cast, place: Place, log_in: LogIn
) -> None:
    worker = log_in("worker")
    visit = send(worker, place, (photo(), "1.jpg")).headers["Receipt-Visit"]
    address = f"/visits/{visit}/photos/{only_photo().public_id}"

    answer = worker.get(address)

    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg") and answer.data == stored(app)
    assert answer.headers["Cache-Control"] == "private, no-store"
    seen = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "see_photo")).one()
    assert (seen.actor_id, seen.household_id) == (cast.worker.id, place.doors["1-1-101"].id)
    refused = {who: log_in(who).get(address).status_code for who in ("other", "head", "street", "admin")}
    assert refused == {"other": 404, "head": 403, "street": 403, "admin": 200}
    assert app.test_client().get(address).status_code == 303


def test_a_photo_hangs_on_its_own_visit_and_goes_with_it(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker = log_in("worker")
    visit = send(worker, place, (photo(), "1.jpg")).headers["Receipt-Visit"]
    another = send(worker, place).headers["Receipt-Visit"]
    name = only_photo().public_id

    crossed = worker.get(f"/visits/{another}/photos/{name}").status_code
    worker.post(f"/visits/{visit}/withdraw")

    assert (crossed, worker.get(f"/visits/{visit}/photos/{name}").status_code) == (404, 404)


def test_the_visit_shows_them_small_and_the_household_how_many(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker = log_in("worker")
    visit = send(worker, place, (photo(), "1.jpg"), (photo(colour="red"), "2.jpg")).headers["Receipt-Visit"]
    send(worker, place)

    page = worker.get(f"/visits/{visit}").get_data(as_text=True)
    household = worker.get(f"/households/{place.doors['1-1-101'].public_id}").get_data(as_text=True)

    assert page.count('<img src="data:image/jpeg;base64,') == 2
    assert all(f"/visits/{visit}?photo={name}" in page for name in db.session.scalars(select(VisitPhoto.public_id)))
    assert household.count("2 张照片") == 1 and household.count("#camera") == 1
    # Six thumbnails would otherwise be six lines of a household's history.
    assert count_of("see_photo") == 1


def test_large_it_has_the_way_back_and_on(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker = log_in("worker")
    visit = send(worker, place, (photo(), "1.jpg"), (photo(colour="red"), "2.jpg")).headers["Receipt-Visit"]
    another = send(worker, place).headers["Receipt-Visit"]
    first, second = db.session.scalars(select(VisitPhoto.public_id).order_by(VisitPhoto.id))

    page = worker.get(f"/visits/{visit}?photo={first}").get_data(as_text=True)

    assert f'<img src="/visits/{visit}/photos/{first}"' in page and f"?photo={second}" in page
    assert "照片 1 / 2" in page and "上一张" not in page
    assert worker.get(f"/visits/{another}?photo={first}").status_code == 404
    assert log_in("other").get(f"/visits/{visit}?photo={first}").status_code == 404


def count_of(action: str) -> int:
    return db.session.scalar(select(func.count()).where(AuditEntry.action == action)) or 0


def test_a_file_that_is_gone_is_said_to_be_gone(app: Flask, cast: Cast, place: Place, log_in: LogIn) -> None:
    worker = log_in("worker")
    visit = send(worker, place, (photo(77, 55), "1.jpg")).headers["Receipt-Visit"]
    album.forget(Path(app.config["INSTANCE"]), [only_photo().sha256])

    page = worker.get(f"/visits/{visit}")

    assert page.status_code == 200 and "照片文件不见了" in page.get_data(as_text=True)
    assert worker.get(f"/visits/{visit}/photos/{only_photo().public_id}").status_code == 404


def test_reading_pictures_lets_others_write_meanwhile(
    cast: Cast, place: Place, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The session has begun nothing while a picture is read: on SQLite that would hold the one write lock.
    begun: list[bool] = []
    read = pictures.read_picture

    def watched(name: str, content: bytes) -> pictures.Picture:
        begun.append(db.session().in_transaction())
        return read(name, content)

    monkeypatch.setattr("grid.visits.views.pictures.read_picture", watched)

    send(log_in("worker"), place, (photo(), "1.jpg"))

    assert begun == [False]


def test_removing_the_demo_takes_its_pictures_but_not_one_that_is_also_elsewhere(
    app: Flask, cast: Cast, place: Place, log_in: LogIn
) -> None:
    instance = Path(app.config["INSTANCE"])
    load_demo(100, today(), instance)
    send(log_in("worker"), place, (photo(64, 48, colour="green"), "shared.jpg"))
    shared, own = only_photo().sha256, pictures.read_picture("own.png", photo(64, 48, colour="black"))
    album.keep(instance, own)
    demo = db.session.scalars(select(Community.id).where(Community.name == "柳溪社区")).one()
    visit = db.session.scalars(select(Visit.id).where(Visit.community_id == demo).limit(1)).one()
    facts = {"community_id": demo, "visit_id": visit, "width": 64, "height": 48, "size": 1}
    db.session.add_all(VisitPhoto(sha256=sha256, **facts) for sha256 in (shared, own.sha256))
    db.session.commit()

    remove_demo(instance)

    accounts.forget(instance)
    assert album.picture(instance, own.sha256) is None and album.picture(instance, shared)
