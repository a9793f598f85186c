"""What became of the invented cases: notes, mediations, who took part; and a year of weekly screenings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from grid.core.clock import ZONE, day_of
from grid.core.periods import period_of
from grid.demo.cases import Case
from grid.demo.people import Household, Person

WEEKS = 52
# Weeks ago, and the worker whose block was told late or not at all.
MISSED = {(2, 1), (6, 3)}
LATE = {(4, 2), (17, 0), (30, 1)}
FIRST_LOOKS = {
    "hazard": "到现场看过，拍了照，贴了提醒。",
    "hygiene": "到现场看过，联系了保洁。",
    "facility": "报给物业，约了师傅来看。",
    "request": "电话里问清了情况，要的材料发给本人。",
    "security": "查了监控，报给警务室。",
    "other": "到现场看过，先放了提醒牌。",
}
TALKS = (
    "两家都谈了，各说各的，先不急着定。",
    "请两家坐到社区，一方没来，改天再约。",
    "把规定讲清楚了，还差谁出钱这一条。",
)
SETTLED = ("当面谈拢，写了协议，双方签字。", "两家各让一步，握手说好。")
ANSWERS = {"good": "都好了，谢谢社区。", "fair": "比以前好，偶尔还有一点。", "bad": "说拖得太久。"}


@dataclass(slots=True)
class Step:
    kind: str
    at: datetime
    content: str | None = None
    method: str | None = None
    outcome: str | None = None
    to_level: str | None = None
    satisfaction: str | None = None


@dataclass(slots=True)
class Course:
    """The steps of a case in order, what they leave on it, and who took part: side and person."""

    steps: list[Step] = field(default_factory=list)
    left: dict[str, object] = field(default_factory=dict)
    parties: list[tuple[str, Person]] = field(default_factory=list)


@dataclass(slots=True)
class Screened:
    """A block's week, by its worker; `case` is what was opened from it."""

    worker: int
    week_on: date
    at: datetime
    case: Case | None = None


def screenings(cases: Sequence[Case], workers: Sequence[int], dice: Random, today: date) -> list[Screened]:
    """A year of them; what somebody had told at the counter or by phone is now and then what a screening found."""
    found = _found(cases)
    return [
        told
        for back in range(WEEKS, -1, -1)
        for worker in workers
        if (told := _week(back, worker, found, dice, today)) is not None
    ]


def _found(cases: Sequence[Case]) -> dict[tuple[int, date], Case]:
    """By worker and Monday: every second of what can be seen by walking about."""
    seen = [case for case in cases if case.source in ("counter", "phone") and case.home is None and case.closed_on]
    return {(case.worker, period_of("week", day_of(case.recorded_at)).start): case for case in seen[::2]}


def _week(back: int, worker: int, found: dict[tuple[int, date], Case], dice: Random, today: date) -> Screened | None:
    monday = period_of("week", today).start - timedelta(weeks=back)
    case = found.get((worker, monday))
    if case is not None:
        case.source = "screening"
        return Screened(worker, monday, case.recorded_at, case)
    day = monday + timedelta(days=8 if (back, worker) in LATE else dice.choice((3, 4, 4) if back else (0, 0, 1)))
    # The present week is still the first worker's to tell.
    is_missing = (back, worker) in MISSED or day >= today or (back == 0 and worker == 0)
    return None if is_missing else Screened(worker, monday, _at(day, dice))


def courses(cases: Sequence[Case], homes: Sequence[Household], dice: Random, today: date) -> list[Course]:
    """One for each case; the last open dispute or hazard lies at the street."""
    open_ones = [case for case in cases if case.closed_on is None and case.visit is None]
    at_street = open_ones[-1] if open_ones else None
    return [_course(case, case is at_street, homes, dice, today) for case in cases]


def _course(case: Case, is_at_street: bool, homes: Sequence[Household], dice: Random, today: date) -> Course:
    course = Course(left=_facts(case))
    days = _days(case, today)
    if case.type == "dispute":
        course.parties = list(_parties(case, homes, dice))
        _mediate(case, course, days, dice)
    elif dice.random() < 0.7:
        course.steps.append(Step("note", _at_least(case, _at(days[0], dice)), FIRST_LOOKS[case.type]))
    if is_at_street:
        course.steps.append(
            Step("hand_up", _at_least(case, _at(days[1], dice)), "要街道协调几家一起办。", to_level="street")
        )
        course.left |= {"lies_at": "street", "level_reached": "street"}
    if case.closed_on:
        _close(case, course, dice, today)
    course.steps.sort(key=lambda step: step.at)
    return course


def _facts(case: Case) -> dict[str, object]:
    is_lease = any(word in case.content for word in ("押金", "房东"))
    is_theft = case.type == "security" and "丢" in case.content
    grave = case.type in ("dispute", "security")
    return {
        "dispute_type": ("06" if is_lease else "02") if case.type == "dispute" else None,
        "incident": "theft" if is_theft else None,
        "scale": "01" if grave else None,
        "level": "04" if grave else None,
    }


def _days(case: Case, today: date) -> tuple[date, date]:
    """A first and a later day between opening and closing, or yesterday."""
    begin, end = day_of(case.recorded_at), case.closed_on or today - timedelta(days=1)
    return min(begin + timedelta(days=1), max(begin, end)), max(begin, end)


def _mediate(case: Case, course: Course, days: tuple[date, date], dice: Random) -> None:
    first, last = days
    if first < last or case.closed_on is None:
        failed = Step("mediation", _at_least(case, _at(first, dice)), dice.choice(TALKS), "talk", "failed")
        course.steps.append(failed)
        course.left |= {"method": "talk", "outcome": "failed"}
    if case.closed_on:
        method = dice.choice(("talk", "committee", "committee", "joint"))
        at = _at_least(case, _at(last, dice))
        course.steps.append(Step("mediation", at, dice.choice(SETTLED), method, "agreed"))
        course.left |= {"method": method, "outcome": "agreed"}


def _close(case: Case, course: Course, dice: Random, today: date) -> None:
    assert case.closed_on
    after = max([case.recorded_at, *(step.at for step in course.steps)]) + timedelta(minutes=30)
    closed = Step("close", max(after, _at(case.closed_on, dice)), case.result)
    course.steps.append(closed)
    if case.type not in ("dispute", "request"):
        return
    revisit_on = case.closed_on + timedelta(days=dice.choice((7, 10, 14)))
    if revisit_on + timedelta(days=1) >= today:
        course.left["revisit_on"] = revisit_on
        return
    answer = dice.choice(("good", "good", "good", "good", "fair", "fair", "bad"))
    course.steps.append(Step("revisit", _at(revisit_on, dice), ANSWERS[answer], satisfaction=answer))
    course.left["satisfaction"] = answer


def _parties(case: Case, homes: Sequence[Household], dice: Random) -> Iterator[tuple[str, Person]]:
    here = [i for i, home in enumerate(homes) if home.door.building == case.building and home.present()]
    others = [i for i in here if i != case.home]
    # A house of one family has nobody to quarrel with.
    if len(here) < 2:
        return
    asking = case.home if case.home is not None and homes[case.home].present() else dice.choice(others)
    yield "asks", homes[asking].present()[0].person
    answering = dice.choice([i for i in others if i != asking])
    yield "answers", homes[answering].present()[0].person


def _at(day: date, dice: Random) -> datetime:
    return datetime.combine(day, time(dice.randint(9, 16), dice.randrange(60)), ZONE).astimezone(UTC)


def _at_least(case: Case, at: datetime) -> datetime:
    return max(at, case.recorded_at + timedelta(minutes=20))
