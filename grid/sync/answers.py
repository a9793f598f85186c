"""How the server answers an outbox; the table of answers stands in docs/phone.md."""

import re
from datetime import timedelta
from typing import Any

from flask import Flask, Response, g, jsonify, request
from sqlalchemy import bindparam, select

from grid.accounts.access import me
from grid.accounts.models import Receipt
from grid.accounts.receipts import device
from grid.core.clock import kept_for
from grid.core.db import writing
from grid.core.prepared import Prepared

# What a phone makes up: a key, a name for itself. Anything else is not echoed and not stored.
MADE_UP = re.compile(r"[A-Za-z0-9-]{8,64}")
# A phone that says more than this has a clock that was set meanwhile.
NONE, OLDEST = timedelta(), timedelta(days=60)


def answer_outboxes(app: Flask) -> None:
    @app.before_request
    def know_the_phone() -> Any:
        device.set(_made_up("HTTP_OUTBOX_DEVICE")[:36])
        kept_for.set(_age())
        if _made_up("HTTP_OUTBOX_KEY") and g.get("_login_user") and _is_of_another():
            return jsonify(here=me().name), 423
        return None

    @app.after_request
    def say_about_the_entry(response: Response) -> Response:
        key = _made_up("HTTP_OUTBOX_KEY")
        if not key:
            return response
        if response.status_code == 303 and g.get("_login_user") and _is_stored(key):
            response = _receipt_of(response)
            response.headers["Receipt-Key"] = key
        response.headers["Outbox-Key"] = key
        return response


def _receipt_of(seen: Response) -> Response:
    answer = jsonify(next=seen.location, version=seen.headers.get("Receipt-Version"))
    answer.status_code = 201
    return answer


def _made_up(name: str) -> str:
    value = str(request.environ.get(name, ""))
    return value if value and MADE_UP.fullmatch(value) else ""


def _age() -> timedelta:
    told = str(request.environ.get("HTTP_OUTBOX_AGE", ""))
    age = timedelta(seconds=int(told)) if told.isascii() and told.isdigit() and len(told) < 9 else NONE
    return age if age <= OLDEST else NONE


def _is_of_another() -> bool:
    return bool(request.environ.get("HTTP_OUTBOX_OWNER", "") != me().public_id)


_receipt = Prepared(select(Receipt.key).where(Receipt.key == bindparam("key"), Receipt.user_id == bindparam("user_id")))


def _is_stored(key: str) -> bool:
    """Read back after the commit: what is acknowledged is what the database holds."""
    writing.set(False)
    return _receipt.row(key=key, user_id=me().id) is not None
