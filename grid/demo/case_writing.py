"""Writes the cases and reports of one invented community, with bulk inserts. Inside an open audit entry."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from random import Random

from grid.cases.models import Case, CaseParty, CaseStep, Screening, VisitorReport
from grid.cases.queries import report_days
from grid.core.clock import day_of
from grid.demo import cases, invention
from grid.demo.case_courses import Course, courses, screenings
from grid.demo.writing import Rows, Written, insert_all, insert_plain

_SAME_OF_CASE = ("no", "type", "source", "at", "content", "due_on", "result", "closed_on", "recorded_at")
_SAME_OF_REPORT = ("kind", "facts", "headcount", "seen_at", "reported_at", "state", "handled_at", "result")


def write_affairs(
    made: invention.Invention, written: Written, visits: Sequence[int], workers: Sequence[int], heads: Mapping[int, int]
) -> None:
    """Of the first community: by the accounts of its workers and of its heads, who go by the number of their house."""
    affairs = made.affairs
    of_visit = {id(visit): id_ for visit, id_ in zip(made.communities[0].visits, visits, strict=True)}
    dice = Random(f"{made.today}/courses")
    of_screening = _screenings(affairs.cases, written, workers, dice, made.today)
    taken = courses(affairs.cases, made.communities[0].homes, dice, made.today)
    told = zip(affairs.cases, taken, strict=True)
    ids = insert_all(
        Case,
        [
            _case(case, written, of_visit, workers[case.worker])
            | {"screening_id": of_screening.get(id(case)), "version": 1 + len(course.steps), **_LEFT, **course.left}
            for case, course in told
        ],
    )
    _write_courses(affairs.cases, taken, ids, written, workers)
    of_case = {id(case): id_ for case, id_ in zip(affairs.cases, ids, strict=True)}
    insert_all(VisitorReport, _reports(affairs.reports, written, of_case, workers, heads))


def _case(case: cases.Case, written: Written, of_visit: Mapping[int, int], worker_id: int) -> dict[str, object]:
    return {
        "community_id": written.community_id,
        "building_id": written.buildings[case.building],
        "household_id": _home(case.home, written),
        "visit_id": of_visit[id(case.visit)] if case.visit else None,
        "owner_id": worker_id,
        "recorded_by": worker_id,
    } | {name: getattr(case, name) for name in _SAME_OF_CASE}


# What a course may leave on its case; the same columns for all, as they are written at once.
_LEFT: dict[str, object] = {
    "lies_at": "community",
    "level_reached": "community",
    "method": None,
    "outcome": None,
    "revisit_on": None,
    "satisfaction": None,
}


def _screenings(
    made: Sequence[cases.Case], written: Written, workers: Sequence[int], dice: Random, today: date
) -> dict[int, int]:
    """A year of them; the ids of those from which a case was opened, by that case."""
    year = screenings(made, range(len(workers)), dice, today)
    rows: Rows = [
        {
            "community_id": written.community_id,
            "block_id": written.blocks[told.worker],
            "week_on": told.week_on,
            "on_day": day_of(told.at),
            "is_zero": told.case is None,
            "content": told.case.content if told.case else None,
            "by_id": workers[told.worker],
            "recorded_at": told.at,
        }
        for told in year
    ]
    ids = insert_all(Screening, rows)
    return {id(told.case): id_ for told, id_ in zip(year, ids, strict=True) if told.case}


def _write_courses(
    made: Sequence[cases.Case], taken: Sequence[Course], ids: Sequence[int], written: Written, workers: Sequence[int]
) -> None:
    together = list(zip(made, taken, ids, strict=True))
    insert_plain(
        CaseStep,
        [
            {
                "community_id": written.community_id,
                "case_id": id_,
                "by_id": workers[case.worker],
                "recorded_at": step.at,
            }
            | asdict(step)
            for case, course, id_ in together
            for step in course.steps
        ],
    )
    insert_plain(
        CaseParty,
        [
            {
                "community_id": written.community_id,
                "case_id": id_,
                "side": side,
                "person_id": written.people[id(person)],
                "name": person.name,
                "phone": person.phone,
            }
            for _case_, course, id_ in together
            for side, person in course.parties
        ],
    )


def _reports(
    reports: Sequence[cases.Report], written: Written, of_case: Mapping[int, int], workers: Sequence[int],
    heads: Mapping[int, int],
) -> Rows:  # fmt: skip
    kept_for = timedelta(days=report_days(written.community_id))
    return [
        {
            "community_id": written.community_id,
            "building_id": written.buildings[report.building],
            "household_id": _home(report.home, written),
            "reporter_id": heads[report.building],
            "handler_id": None if report.handler is None else workers[report.handler],
            "case_id": of_case[id(report.case)] if report.case else None,
            "purge_on": day_of(report.reported_at) + kept_for,
        }
        | {name: getattr(report, name) for name in _SAME_OF_REPORT}
        for report in reports
    ]


def _home(home: int | None, written: Written) -> int | None:
    return None if home is None else written.homes[home]
