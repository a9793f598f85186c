"""Writes the cases and reports of one invented community, with bulk inserts. Inside an open audit entry."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from grid.cases.models import Case, VisitorReport
from grid.cases.queries import report_days
from grid.core.clock import day_of
from grid.demo import cases, invention
from grid.demo.writing import Rows, Written, insert_all

_SAME_OF_CASE = ("no", "type", "source", "at", "content", "due_on", "result", "closed_on", "recorded_at")
_SAME_OF_REPORT = ("kind", "facts", "headcount", "seen_at", "reported_at", "state", "handled_at", "result")


def write_affairs(
    made: invention.Invention, written: Written, visits: Sequence[int], workers: Sequence[int], heads: Mapping[int, int]
) -> None:
    """Of the first community: by the accounts of its workers and of its heads, who go by the number of their house."""
    affairs = made.affairs
    of_visit = {id(visit): id_ for visit, id_ in zip(made.communities[0].visits, visits, strict=True)}
    ids = insert_all(Case, [_case(case, written, of_visit, workers[case.worker]) for case in affairs.cases])
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
        # Closing counts one up.
        "version": 2 if case.closed_on else 1,
    } | {name: getattr(case, name) for name in _SAME_OF_CASE}


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
