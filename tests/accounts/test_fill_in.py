"""A browser or a password manager knows what it may fill in, and where."""

from bs4 import BeautifulSoup
from flask import Flask

from tests.conftest import LogIn
from tests.factories import Cast


def filled(page: str) -> dict[str, str]:
    fields = BeautifulSoup(page, "html5lib").select("input[autocomplete]")
    return {str(field["name"]): str(field["autocomplete"]) for field in fields}


def test_login_and_password_are_filled_in_and_stay_as_typed(app: Flask, cast: Cast) -> None:
    page = app.test_client().get("/login").get_data(as_text=True)

    login = BeautifulSoup(page, "html5lib").select_one("[name=login]")
    assert filled(page) == {"login": "username", "password": "current-password"}
    assert login and login["autocapitalize"] == "none"


def test_a_new_password_is_proposed_not_the_old_one(cast: Cast, log_in: LogIn) -> None:
    page = log_in("worker").get("/me").get_data(as_text=True)

    assert filled(page) == {"present": "current-password", "new": "new-password", "again": "new-password"}
