"""Promises of the whole application: what holds for every route, template, string and table."""

import re
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from babel.messages.extract import extract_from_dir
from flask import Flask
from jinja2 import nodes
from werkzeug.routing import Rule

from grid.accounts.audit import UNWATCHED
from grid.accounts.models import ROLES
from grid.core.codes import CODES
from grid.core.db import Base, db
from grid.core.i18n import english
from grid.register.words import ACTIONS

ROOT = Path(__file__).resolve().parent.parent
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# What stays Chinese in English: the name of the language itself.
UNTRANSLATED = {"简体中文"}


def routes(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]


def test_every_view_says_who_may_use_it(app: Flask) -> None:
    silent = [rule.rule for rule in routes(app) if not getattr(app.view_functions[rule.endpoint], "allowed", None)]

    assert silent == []


def test_every_rule_names_known_roles(app: Flask) -> None:
    for rule in routes(app):
        assert app.view_functions[rule.endpoint].allowed <= {*ROLES, "anyone"}  # type: ignore[attr-defined]


def test_a_view_without_a_rule_is_refused(app: Flask) -> None:
    def silent() -> str:
        return "should not be seen"

    bare = Flask("bare")
    assert not hasattr(silent, "allowed")
    app.view_functions["accounts.home_without_rule"] = silent
    app.url_map._remap = True
    rule = Rule("/without-rule", endpoint="accounts.home_without_rule")
    app.url_map.add(rule)
    try:
        answer = app.test_client().get("/without-rule")
        assert answer.status_code == 500 and "should not be seen" not in answer.get_data(as_text=True)
    finally:
        app.view_functions.pop("accounts.home_without_rule")
        app.url_map._rules.remove(rule)
        app.url_map._rules_by_endpoint.pop("accounts.home_without_rule")
        app.url_map._matcher = type(app.url_map._matcher)(app.url_map.merge_slashes)
        for kept in app.url_map._rules:
            app.url_map._matcher.add(kept)
        app.url_map._remap = True
    del bare


def template_names() -> list[str]:
    folder = ROOT / "templates"
    return sorted(str(f.relative_to(folder)) for f in folder.rglob("*") if f.is_file())


def test_every_template_is_used() -> None:
    code = "\n".join(f.read_text() for f in (ROOT / "grid").rglob("*.py"))
    code += "\n".join(f.read_text() for f in (ROOT / "templates").rglob("*") if f.is_file())

    unused = [name for name in template_names() if f'"{name}"' not in code and f"'{name}'" not in code]

    assert unused == []


@pytest.mark.parametrize("name", template_names())
def test_a_fragment_never_extends_and_a_page_says_its_context(app: Flask, name: str) -> None:
    source = (ROOT / "templates" / name).read_text()
    tree = app.jinja_env.parse(source)

    if Path(name).name.startswith("_"):
        assert not list(tree.find_all(nodes.Extends)), "a fragment stands alone"
    assert name.endswith((".svg", ".css")) or source.startswith("{#"), "a template opens with what it needs"


@pytest.mark.parametrize("name", [n for n in template_names() if n.endswith((".html", ".svg"))])
def test_no_template_has_inline_script_or_style_or_untranslated_words(name: str) -> None:
    source = re.sub(r"{#.*?#}", "", (ROOT / "templates" / name).read_text(), flags=re.DOTALL)
    on_paper = "print" in name or name.endswith("_sheet.html") or "_sheet" in name

    if not on_paper:
        assert not re.search(r"\sstyle=|\son[a-z]+=\"|<style|<script(?![^>]*\ssrc=)|javascript:", source)
    bare = re.sub(r"_\((\"[^\"]*\"|'[^']*')", "", source)
    bare = bare.replace("简体中文", "")
    assert not CHINESE.search(bare), f"not in gettext: {CHINESE.findall(bare)}"


def messages() -> set[str]:
    """Every string marked for translation, in code, templates and code lists."""
    keywords = {"_": None, "N_": None, "gettext": None}
    options = {"**.html": {"trimmed": "true"}, "**.svg": {"trimmed": "true"}}
    methods = [("**.py", "python"), ("**.html", "jinja2.ext:babel_extract"), ("**.svg", "jinja2.ext:babel_extract")]
    found: set[str] = set()
    for folder in ("grid", "templates"):
        for _file, _line, message, _comments, _context in extract_from_dir(
            str(ROOT / folder),
            methods,
            options,
            keywords,  # type: ignore[arg-type]
        ):
            found.add(message if isinstance(message, str) else message[0])
    for codes in CODES.values():
        found |= {label for _code, label in codes.items}
    return {text for text in found if CHINESE.search(text)}


def test_every_string_is_translated() -> None:
    missing = sorted(messages() - set(english()) - UNTRANSLATED)

    assert missing == [], f"{len(missing)} strings without English in grid/translations/en.po"


def test_no_translation_is_left_over_and_placeholders_agree() -> None:
    known = messages()
    placeholder = re.compile(r"%\((\w+)\)s")
    for source, translated in english().items():
        assert source in known, f"nobody says {source!r} any more"
        assert sorted(placeholder.findall(source)) == sorted(placeholder.findall(translated)), source


def test_the_models_and_the_migrations_agree(app: Flask) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})

        assert compare_metadata(context, Base.metadata) == []


def test_every_big_table_can_be_parted_by_community() -> None:
    accounts = {"user_account", "login_session", "failed_login", "receipt", "phone", "personal_link"}
    alone = accounts | {"audit_change", "audit_entry", "community"}
    through_a_parent = {"visit_person", "visit_worker"}

    for table in Base.metadata.sorted_tables:
        if table.name not in alone | through_a_parent:
            assert "community_id" in table.c, table.name


def test_every_table_of_the_register_is_watched_by_the_audit(app: Flask) -> None:
    listed = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if db.engine.dialect.name == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    with db.engine.connect() as connection:
        triggers = {name for (name,) in connection.exec_driver_sql(listed)}

    for table in Base.metadata.sorted_tables:
        if table.name not in UNWATCHED:
            assert any(name.startswith(f"audit_{table.name}") for name in triggers), table.name


def test_every_action_has_words_for_the_log() -> None:
    code = "\n".join(f.read_text() for f in (ROOT / "grid").rglob("*.py"))
    named = set(re.findall(r"(?:audit\.)?entry\(\s*\w+,\s*\"(\w+)\"", code)) | set(
        re.findall(r"note_reading\(\s*\"(\w+)\"", code)
    )

    assert named and named <= set(ACTIONS), named - set(ACTIONS)
