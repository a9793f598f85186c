"""The lists of a year's duties ask the database the same number of questions, however much there is."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from grid.core.clock import now, today
from grid.core.db import db
from grid.services.models import Activity, Inspection, InspectionItem, ServiceRecord
from tests.conftest import LogIn
from tests.factories import Cast, Place


def add_one_of_each(place: Place, cast: Cast) -> None:
    by = {"community_id": place.community.id, "recorded_by": cast.worker.id}
    inspection = Inspection(kind="fire", place="东门", at=now() - timedelta(hours=1), **by)
    record = ServiceRecord(household_id=place.doors["1-1-101"].id, kind="comfort", on=today(), content="慰问", **by)
    db.session.add_all([inspection, record, Activity(kind="lecture", title="讲座", at=now(), **by)])
    db.session.flush()
    items = {"community_id": place.community.id, "inspection_id": inspection.id, "is_fine": False}
    db.session.add_all(InspectionItem(seq=seq, words="灭火器在位", **items) for seq in (1, 2))
    db.session.commit()


@pytest.mark.parametrize("path", ["/inspections", "/service-records", "/activities", "/inspections?state=overdue"])
def test_a_list_asks_no_more_where_there_is_more(
    place: Place, cast: Cast, log_in: LogIn, count_queries: Callable[[], int], path: str
) -> None:
    worker = log_in("worker")
    add_one_of_each(place, cast)
    worker.get(path)
    count_queries()
    worker.get(path)
    few = count_queries()

    for _ in range(5):
        add_one_of_each(place, cast)
    worker.get(path)
    count_queries()
    worker.get(path)

    assert 3 <= count_queries() == few <= 6
