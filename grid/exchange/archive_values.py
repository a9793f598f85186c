"""Values as they stand in an archive: the same for every database, open where a column is sealed.

Days and moments are ISO 8601 (moments in UTC), decimals text, JSON as it is. The audit log keeps values as its own
database stores them; in the archive they are like all others.
"""

import json
import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Date, Float, Integer, Numeric, String, Table

from grid.core.db import Moment
from grid.core.personal import Personal, keyed_hash, vault
from grid.exchange.archive import numbers

Convert = Callable[[Any], Any]
LARGEST = 2**31 - 1
SHA256 = re.compile(r"[0-9a-f]{64}")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class Unfit(Exception):
    """A value that a column can't hold."""


@cache
def kind_of(column: Column[Any]) -> str:
    """personal, moment, day, json, yes_no, number, float, decimal or text."""
    for kind, types in _KINDS.items():
        if isinstance(column.type, types):
            return kind
    raise TypeError(f"an archive has no way to write {column}")


_KINDS: dict[str, Any] = {
    "personal": Personal,
    "moment": Moment,
    "day": Date,
    "json": JSON,
    "yes_no": Boolean,
    "number": Integer,
    "float": Float,
    "decimal": Numeric,
    "text": String,
}


def written(value: Any) -> Any:
    """What stands in the archive for a value of Python."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else value


def read(column: Column[Any], value: Any) -> Any:
    """The value for a column, or Unfit."""
    try:
        return _READ[kind_of(column)](column, value)
    except (TypeError, ValueError, InvalidOperation, OverflowError) as error:
        raise Unfit from error


def _whole(column: Column[Any], value: Any) -> int:
    least = 1 if numbers(column.table, column) else -LARGEST
    if type(value) is not int or not least <= value <= LARGEST:
        raise Unfit
    return value


def _text(column: Column[Any], value: Any) -> str:
    length = getattr(column.type, "length", None) or LARGEST
    if not isinstance(value, str) or len(value) > length or _UNSTORABLE.search(value):
        raise Unfit
    # A picture's name is the name of a file.
    if column.name == "sha256" and not SHA256.fullmatch(value):
        raise Unfit
    return value


def _personal(column: Column[Any], value: Any) -> str:
    # Sealed, it must fit into its column.
    if not isinstance(value, str) or len(vault().seal(value)) > column.type.length:  # type: ignore[attr-defined]
        raise Unfit
    return value


def _yes_no(column: Column[Any], value: Any) -> bool:
    if not isinstance(value, bool):
        raise Unfit
    return value


def _decimal(column: Column[Any], value: Any) -> Decimal:
    found = Decimal(str(value))
    if not found.is_finite() or abs(found) >= 10**12:
        raise Unfit
    return found


def _float(column: Column[Any], value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise Unfit
    return float(value)


def moment(value: Any) -> datetime:
    """Either spelling of the two databases, and the archive's own."""
    found = datetime.fromisoformat(value)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


_READ: dict[str, Callable[[Column[Any], Any], Any]] = {
    "personal": _personal,
    "moment": lambda _column, value: moment(value),
    "day": lambda _column, value: date.fromisoformat(value),
    # JSON's own null is not an empty column.
    "json": lambda _column, value: JSON.NULL if value is None else value,
    "yes_no": _yes_no,
    "number": _whole,
    "float": _float,
    "decimal": _decimal,
    "text": _text,
}


class History:
    """Old and new values of the audit log, to and from the way one database stores them."""

    def __init__(self, dialect: str) -> None:
        on_sqlite = dialect == "sqlite"
        self._out: dict[str, Convert] = {
            "personal": vault().open,
            "moment": lambda value: written(moment(value)),
            "yes_no": bool,
            "json": json.loads if on_sqlite else lambda value: value,
            "decimal": lambda value: str(value),
        }
        self._in: dict[str, Convert] = {
            "personal": vault().seal,
            "moment": _on_sqlite if on_sqlite else _on_postgresql,
            "yes_no": int if on_sqlite else bool,
            "json": json.dumps if on_sqlite else lambda value: value,
            "decimal": _shortest,
        }

    def out(self, table: Table | None, values: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """As the archive has them; keyed hashes stay behind."""
        if table is None or values is None:
            return None if values is None else dict(values)
        told = {name: value for name, value in values.items() if (table.name, name) != ("person", "id_hash")}
        return {name: _converted(self._out, table, name, value) for name, value in told.items()}

    def into(self, table: Table | None, values: Mapping[str, Any] | None) -> dict[str, Any] | None:
        if table is None or values is None:
            return None if values is None else dict(values)
        try:
            put = {name: _converted(self._in, table, name, value) for name, value in values.items()}
        except (TypeError, ValueError, AttributeError, OverflowError) as error:
            raise Unfit from error
        if table.name == "person" and "id_no" in values:
            # The two always change together.
            put["id_hash"] = id_hash(values["id_no"])
        return put


def id_hash(id_no: str | None) -> str | None:
    return keyed_hash("id", id_no) if id_no else None


def _converted(ways: Mapping[str, Convert], table: Table, name: str, value: Any) -> Any:
    if value is None or name not in table.c:
        return value
    convert = ways.get(kind_of(table.c[name]))
    return convert(value) if convert else value


def _on_sqlite(value: str) -> str:
    return moment(value).strftime("%Y-%m-%d %H:%M:%S.%f")


def _on_postgresql(value: str) -> str:
    return moment(value).isoformat()


def _shortest(value: Any) -> int | float:
    """89.5; 90 without a point, as a database writes it into JSON."""
    found = float(value)
    return int(found) if found.is_integer() else found
