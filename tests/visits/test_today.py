"""今天: what a worker did today, and who is due."""

import uuid
from datetime import datetime, time, timedelta

from sqlalchemy import update

from grid.core.clock import ZONE, today
from grid.core.db import db
from grid.visits.models import Visit
from tests.conftest import LogIn
from tests.factories import Cast, Place


def test_the_visits_of_the_committee_s_day_are_counted(cast: Cast, place: Place, log_in: LogIn) -> None:
    worker = log_in("worker")
    url = f"/households/{place.doors['1-1-101'].public_id}/visits"
    for _ in range(3):
        worker.post(url, data={"key": str(uuid.uuid4()), "found": "nobody"})
    midnight = datetime.combine(today(), time(), ZONE)
    visits = db.session.query(Visit).order_by(Visit.id).all()
    # One a moment before midnight in Shanghai, which is another time of day in UTC; one just after.
    for visit, at in zip(visits, (midnight - timedelta(seconds=1), midnight), strict=False):
        db.session.execute(update(Visit).where(Visit.id == visit.id).values(recorded_at=at))
    db.session.commit()

    page = worker.get("/today").get_data(as_text=True)

    assert "今天已记 <b>2</b>" in page
