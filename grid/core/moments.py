"""What the committee's clock says of a stored moment, in SQL: its calendar day and its hour."""

from datetime import date
from typing import Any

from sqlalchemy import Date, Integer
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class LocalDay(FunctionElement[date]):
    """`LocalDay(Visit.at)`: the day in Asia/Shanghai, which has had no summer time since 1991."""

    type = Date()
    inherit_cache = True


class LocalHour(FunctionElement[int]):
    """0 to 23."""

    type = Integer()
    inherit_cache = True


@compiles(LocalDay, "sqlite")
def _day_on_sqlite(element: LocalDay, compiler: SQLCompiler, **kw: Any) -> str:
    return f"date({compiler.process(element.clauses, **kw)}, '+8 hours')"


@compiles(LocalDay, "postgresql")
def _day_on_postgresql(element: LocalDay, compiler: SQLCompiler, **kw: Any) -> str:
    return f"CAST(timezone('Asia/Shanghai', {compiler.process(element.clauses, **kw)}) AS DATE)"


@compiles(LocalHour, "sqlite")
def _hour_on_sqlite(element: LocalHour, compiler: SQLCompiler, **kw: Any) -> str:
    return f"CAST(strftime('%H', {compiler.process(element.clauses, **kw)}, '+8 hours') AS INTEGER)"


@compiles(LocalHour, "postgresql")
def _hour_on_postgresql(element: LocalHour, compiler: SQLCompiler, **kw: Any) -> str:
    return f"CAST(extract(hour FROM timezone('Asia/Shanghai', {compiler.process(element.clauses, **kw)})) AS INTEGER)"
