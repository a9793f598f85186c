"""The year's inspections, services and activities of one invented community. Inside an open audit entry."""

from collections.abc import Sequence
from datetime import date

from grid.demo import invention
from grid.demo.activities import write_activities
from grid.demo.inspections import write_inspections
from grid.demo.service_records import write_service_records
from grid.demo.writing import Written


def write_duties(made: invention.Community, written: Written, workers: Sequence[int], today: date) -> None:
    write_inspections(written, workers, today)
    write_service_records(made, written, workers, today)
    write_activities(written, workers, today)
