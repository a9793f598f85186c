"""Somebody prints a household sheet or the map: what is on the paper, and what is logged."""

import io

import pypdfium2
from sqlalchemy import select

from grid.accounts.models import AuditEntry
from grid.core.db import db
from grid.documents.models import Print
from tests.conftest import LogIn
from tests.factories import Cast, Place


def words(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def size_in_mm(pdf: bytes) -> tuple[int, int]:
    width, height = pypdfium2.PdfDocument(io.BytesIO(pdf))[0].get_size()
    return round(width / 72 * 25.4), round(height / 72 * 25.4)


def test_the_sheet_is_the_file_on_a4_with_masked_numbers(cast: Cast, place: Place, log_in: LogIn) -> None:
    door = place.doors["1-1-101"]

    answer = log_in("worker").post(f"/households/{door.public_id}/sheet")

    assert answer.status_code == 200 and answer.mimetype == "application/pdf"
    text = words(answer.data)
    kept = db.session.scalars(select(Print)).one()
    assert all(word in text for word in ("王小明", "李芳", "桃园小区", "990101********1218", "孟网格", kept.number))
    assert "990101198001011218" not in text and "19900012345" not in text and "曾志伟" not in text
    assert size_in_mm(answer.data) == (210, 297)
    assert "王小明" not in answer.headers["Content-Disposition"]


def test_every_print_is_logged_with_who_and_what(cast: Cast, place: Place, log_in: LogIn) -> None:
    door = place.doors["1-1-101"]

    log_in("worker").post(f"/households/{door.public_id}/sheet")

    kept = db.session.scalars(select(Print)).one()
    assert (kept.user_id, kept.household_id, kept.kind, kept.pages) == (cast.worker.id, door.id, "sheet", 1)
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "print_sheet")).one()
    assert (entry.actor_id, entry.household_id, entry.words) == (cast.worker.id, door.id, kept.number)


def test_the_map_is_a3_with_buildings_and_people_in_charge(cast: Cast, place: Place, log_in: LogIn) -> None:
    answer = log_in("admin").post(f"/map/{place.community.public_id}/print", data={"size": "A3"})

    text = words(answer.data)
    assert size_in_mm(answer.data) == (420, 297)
    assert all(word in text for word in ("桃园社区综合治理区域图", "第1片区", "孟网格", "傅外人", "社长"))
    assert "王小明" not in text


def test_a_worker_of_one_block_does_not_print_the_whole_map(cast: Cast, place: Place, log_in: LogIn) -> None:
    assert log_in("worker").post(f"/map/{place.community.public_id}/print").status_code == 403
    assert db.session.scalars(select(Print)).all() == []


def test_a_street_viewer_gets_the_public_variant_whatever_is_asked(cast: Cast, place: Place, log_in: LogIn) -> None:
    answer = log_in("street").post(
        f"/map/{place.community.public_id}/print", data={"size": "A4", "variant": "internal", "layer": "tags"}
    )

    text = words(answer.data)
    assert size_in_mm(answer.data) == (297, 210) and "内部资料" not in text


def test_an_unknown_size_is_refused(cast: Cast, place: Place, log_in: LogIn) -> None:
    assert log_in("admin").post(f"/map/{place.community.public_id}/print", data={"size": "A9"}).status_code == 400


def test_where_printing_cannot_work_a_sentence_says_what_to_install(
    cast: Cast, place: Place, log_in: LogIn, monkeypatch: object
) -> None:
    from grid.documents import sheets
    from grid.documents.printing import PrintingFailed

    def broken(*_args: object) -> None:
        raise PrintingFailed("打印还不能用：请执行 apt-get install")

    monkeypatch.setattr(sheets, "render", broken)  # type: ignore[attr-defined]
    answer = log_in("worker").post(f"/households/{place.doors['1-1-101'].public_id}/sheet")

    assert answer.status_code == 503 and "apt-get install" in answer.get_data(as_text=True)
    assert db.session.scalars(select(Print)).all() == []


def test_the_communitys_own_words_for_the_levels_are_on_paper(cast: Cast, place: Place, log_in: LogIn) -> None:
    place.community.labels = {"block": "大组", "building": "小区", "unit": "楼栋", "household": "住户"}
    for n, block in enumerate(place.blocks, 1):
        block.name = f"{n}组"
    db.session.commit()

    sheet = words(log_in("worker").post(f"/households/{place.doors['1-1-101'].public_id}/sheet").data)
    area = words(log_in("admin").post(f"/map/{place.community.public_id}/print", data={"size": "A3"}).data)

    assert "大组 1组" in sheet and "片区" not in sheet
    assert all(word in area for word in ("大组数 2", "小区数 3", "住户数 36")) and "片区" not in area
    assert "楼栋数" not in area and "2楼栋" in area and "12住户" in area


def test_the_sheet_of_a_shop_has_a_name_a_server_can_send(cast: Cast, place: Place, log_in: LogIn) -> None:
    door = place.doors["1-1-102"]
    door.code, door.room = "1-1-商2", "商2"
    db.session.commit()

    answer = log_in("worker").post(f"/households/{door.public_id}/sheet")

    assert answer.status_code == 200 and answer.headers["Content-Disposition"].isascii()
