"""The invented cases and reports: numbered, spread over a year, each as the product itself would have left it."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain, pairwise

import pytest

from grid.core.clock import ZONE, day_of
from grid.core.codes import CODES
from grid.demo.case_words import HANDLED, MATTERS, OF_NEEDS, WAITING
from grid.demo.invention import Invention, invent
from grid.demo.notes import NEEDS
from grid.register.starter_tags import RESTRICTED

TODAY = date(2026, 11, 23)
MIDNIGHT = datetime.combine(TODAY, time(), ZONE).astimezone(UTC)
LONGEST = 40
# 王秀兰 looks after the first block.
WANG = 0


@pytest.fixture(scope="module")
def made() -> Invention:
    return invent(3000, today=TODAY)


def test_six_heads_have_reported_for_a_month(made: Invention) -> None:
    reports = made.affairs.reports
    days = [(TODAY - day_of(report.reported_at)).days for report in reports]

    assert 22 <= len(reports) <= 28
    assert {report.building for report in reports} == set(made.communities[0].reporting)
    assert len(made.communities[0].reporting) == 6
    assert {report.kind for report in reports} == {code for code, _ in CODES["report_kind"].choices()}
    assert {report.state for report in reports} == {code for code, _ in CODES["report_state"].choices()}
    assert min(days) >= 1 and max(days) <= 25
    assert any(report.home is None for report in reports) and any(report.home is not None for report in reports)
    assert any(report.headcount for report in reports)


def test_the_newest_reports_wait_one_from_every_head(made: Invention) -> None:
    reports = made.affairs.reports
    waiting = [report for report in reports if report.state == "waiting"]

    assert list(reports[-len(waiting) :]) == waiting
    assert sorted(report.building for report in waiting) == sorted(made.communities[0].reporting)


def test_a_report_stands_as_the_product_would_have_left_it(made: Invention) -> None:
    blocks = {house.no: house.block for house in made.communities[0].buildings}
    for report in made.affairs.reports:
        if report.state == "waiting":
            assert (report.handler, report.handled_at, report.result, report.case) == (None,) * 4
            continue
        assert report.handler == blocks[report.building] - 1
        assert report.handled_at and report.seen_at <= report.reported_at < report.handled_at < MIDNIGHT
        # Only closing asks for a sentence; turned into neither a case nor a move-in it cannot be.
        assert (report.result is not None) == (report.state == "closed")
        if report.state == "turned":
            assert report.case or (report.kind, report.home is None) == ("tenant", False)


def test_the_case_of_a_report_is_about_the_same_place(made: Invention) -> None:
    turned = [report for report in made.affairs.reports if report.case]

    assert len(turned) == 5
    for report in turned:
        case = report.case
        assert case and case in made.affairs.cases
        assert (case.source, case.building, case.home, case.at, case.worker) == (
            "report", report.building, report.home, report.seen_at, report.handler,
        )  # fmt: skip
        assert (case.closed_on is None) == (report.state == "turned")
        # The head's words go with the report.
        assert case.content != report.facts


def test_forty_cases_are_counted_anew_every_year(made: Invention) -> None:
    cases = made.affairs.cases
    of_year: dict[int, list[str]] = {}
    for case in cases:
        of_year.setdefault(day_of(case.recorded_at).year, []).append(case.no)

    assert len(cases) == 40
    assert all(before.recorded_at <= after.recorded_at for before, after in pairwise(cases))
    for year, numbers in of_year.items():
        assert numbers == [f"{year}-{n:04}" for n in range(1, len(numbers) + 1)]
    assert {case.type for case in cases} == {code for code, _ in CODES["case_type"].choices()}
    # What patrols, inspections and screenings found is written with those.
    assert {case.source for case in cases} - {"screening"} == {"visit", "report", "counter", "phone"}


@pytest.mark.parametrize("seed", range(12))
def test_eight_are_open_two_of_them_overdue_and_two_of_the_first_worker(seed: int) -> None:
    cases = [case for case in invent(600, seed=seed, today=TODAY).affairs.cases if case.closed_on is None]
    overdue = [case for case in cases if case.due_on and case.due_on < TODAY]

    assert len(cases) == 8 and all(case.due_on for case in cases)
    assert len(overdue) == 2 and [case.worker for case in overdue].count(WANG) == 1
    assert [case.worker for case in cases].count(WANG) == 2


def test_a_case_stands_as_the_product_would_have_left_it(made: Invention) -> None:
    homes = made.communities[0].homes
    blocks = {house.no: house.block for house in made.communities[0].buildings}
    for case in made.affairs.cases:
        opened = day_of(case.recorded_at)
        assert case.worker == blocks[case.building] - 1
        assert case.home is None or homes[case.home].door.building == case.building
        assert TODAY - timedelta(days=366) <= opened
        assert case.at <= case.recorded_at < MIDNIGHT
        assert case.due_on is None or case.due_on >= opened
        assert (case.result is None) == (case.closed_on is None)
        assert case.closed_on is None or opened <= case.closed_on < TODAY


def test_what_a_visit_found_is_said_in_its_own_words(made: Invention) -> None:
    handed_on = [case for case in made.affairs.cases if case.source == "visit"]

    assert len(handed_on) >= 14
    assert set(OF_NEEDS) == set(NEEDS)
    assert all((case.visit is not None) == (case.source == "visit") for case in made.affairs.cases)
    for case in handed_on:
        visit = case.visit
        assert visit and any(visit is one for one in made.communities[0].visits)
        assert (case.content, case.home, case.at, case.worker) == (visit.needs, visit.home, visit.at, visit.worker)
        assert case.type == OF_NEEDS[case.content][0]


def test_the_words_are_short_and_name_nothing_restricted() -> None:
    matters = [*MATTERS, *(sighting.matter for sighting in HANDLED if sighting.matter)]
    words = list(chain(
        *((matter.content, matter.result) for matter in matters),
        *((sighting.facts or "", sighting.result or "") for sighting in (*HANDLED, *WAITING)),
        OF_NEEDS, (result for _, result in OF_NEEDS.values()),
    ))  # fmt: skip
    hidden = [str(tag[1]) for tag in RESTRICTED]

    assert max(map(len, words)) <= LONGEST
    assert [
        w for w in words if any(h in w for h in (*hidden, "精神", "刑", "矫正", "戒毒", "信访", "上访", "宗教"))
    ] == []
    assert max(Counter(matter.content for matter in MATTERS).values()) == 1


@pytest.mark.parametrize("doors", [50, 100, 300])
@pytest.mark.parametrize("today", [TODAY, date(2027, 1, 1), date(2028, 2, 29)])
def test_a_small_community_has_affairs_too(doors: int, today: date) -> None:
    made = invent(doors, today=today)
    reporting = made.communities[0].reporting

    assert len(made.affairs.cases) == 40
    assert sum(case.closed_on is None for case in made.affairs.cases) == 8
    assert Counter(report.state for report in made.affairs.reports)["waiting"] == len(reporting)
    assert len({case.no for case in made.affairs.cases}) == 40
