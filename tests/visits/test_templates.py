"""模板: a common visit is begun with one tap, with script or without."""

import uuid

import pytest
from flask import Flask, render_template

from grid.core.codes import CODES
from grid.core.i18n import english
from grid.register.queries import Door
from grid.visits.forms import VisitForm
from grid.visits.templates import TEMPLATES, Template
from tests.conftest import LogIn
from tests.factories import Cast, Place


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=lambda template: template.code)
def test_without_script_the_page_comes_filled_in(cast: Cast, place: Place, log_in: LogIn, template: Template) -> None:
    door = place.doors["1-1-101"].public_id

    page = log_in("worker").get(f"/households/{door}/visits/new?template={template.code}").get_data(as_text=True)

    assert f">{template.content}</textarea>" in page.replace("\r\n", "").replace(">\n", ">")
    assert f'value="{template.kind}" checked' in page
    assert all(f'id="topics-{topic}" value="{topic}" checked' in page for topic in template.topics)
    assert "<details open>" in page and f'visits/new?template={template.code}" aria-current="true"' in page


def test_an_unknown_template_is_an_empty_form(cast: Cast, place: Place, log_in: LogIn) -> None:
    page = log_in("worker").get(f"/households/{place.doors['1-1-101'].public_id}/visits/new?template=nonsense")

    assert page.status_code == 200 and 'aria-current="true" data-template' not in page.get_data(as_text=True)


def test_a_link_carries_what_script_needs(cast: Cast, place: Place, log_in: LogIn) -> None:
    page = log_in("worker").get(f"/households/{place.doors['1-1-101'].public_id}/visits/new").get_data(as_text=True)

    for template in TEMPLATES.values():
        assert f'data-template="{template.code}" data-kind="{template.kind}"' in page
        assert f'data-content="{template.content}"' in page
    assert "js/visit.js" in page


def test_their_codes_are_known_and_their_words_translated_and_short_enough() -> None:
    for template in TEMPLATES.values():
        assert template.kind in CODES["visit_kind"] and set(template.topics) <= set(CODES["topic"].by_code)
        assert {template.label, template.content} <= set(english())
        assert "＿＿" in template.content and len(template.content) < 200


def test_no_ready_text_names_a_list_that_somebody_may_be_on() -> None:
    said = " ".join(f"{template.label}{template.content}" for template in TEMPLATES.values())

    assert not [word for word in ("帮教", "矫正", "戒毒", "刑满", "精神障碍", "信访") if word in said]


def test_the_form_tells_the_phone_what_it_is(cast: Cast, place: Place, log_in: LogIn) -> None:
    door = place.doors["1-1-101"]

    page = log_in("worker").get(f"/households/{door.public_id}/visits/new").get_data(as_text=True)

    start = page.index("<form")
    form = page[start : page.index(">", start)]
    assert "data-outbox" in form and "data-draft" in form and 'enctype="multipart/form-data"' in form
    assert f'data-label="走访 1-1-101" data-then="/households/{door.public_id}"' in form


def test_the_pack_draws_it_alone_with_the_door_at(app: Flask) -> None:
    with app.test_request_context("/"):
        drawn = render_template(
            "visits/_form.html",
            household=Door(0, "@", 0, 0, "@code"),
            form=VisitForm.begun(str(uuid.uuid4()), "visit", None).offer([]),
            residents=[],
            templates=TEMPLATES.values(),
            template="",
        )

    assert 'action="/households/@/visits"' in drawn and "<h1>@code</h1>" in drawn
    assert "<div data-residents></div>" in drawn and "<div data-participants></div>" in drawn
    assert not drawn.lstrip().startswith("<!doctype")
