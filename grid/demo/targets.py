"""What the plans ask of the demo community this year and last, and a few figures that other offices gave."""

from datetime import date, datetime, time, timedelta
from typing import Any

from grid.core.clock import ZONE
from grid.core.i18n import gettext as _
from grid.demo.writing import insert_all, insert_plain
from grid.ledgers.models import HandFigure, Target
from grid.ledgers.target_defaults import DEFAULTS

# key, numerator and denominator as shares of the inhabitants (or as they are), who gave it.
_GIVEN: tuple[tuple[str, float, float | None, str], ...] = (
    ("family_doctor", 0.92, 1.0, "社区卫生服务站报表"),
    ("health_files", 0.97, 1.0, "社区卫生服务站报表"),
    ("vaccination", 0.049, 0.051, "社区卫生服务站报表"),
    ("hypertension", 0.086, 0.131, "社区卫生服务站报表"),
    ("diabetes", 0.031, 0.058, "社区卫生服务站报表"),
    ("medical_insurance", 0.93, 0.99, "区医保局"),
)
_COUNTED: tuple[tuple[str, float, float | None, str], ...] = (
    ("satisfaction", 187, 200, "社区问卷"),
    ("stair_lamps", 131, 134, "物业巡查表"),
    ("fire_equipment", 29, 31, "微型消防站检查表"),
    ("activity_space", 520, None, "街道测量"),
    ("new_books", 1850, None, "图书室登记"),
)


def write_targets(community_id: int, people: int, enterer: int, today: date) -> None:
    insert_all(
        Target,
        [
            {
                "community_id": community_id,
                "year": year,
                "plan": plan,
                "indicator": key,
                "comparator": comparator,
                "value": value,
                "words": _(words),
            }
            for year in (today.year - 1, today.year)
            for plan, key, comparator, value, words in DEFAULTS
        ],
    )
    insert_plain(HandFigure, [row for nth in range(3) for row in _typed(community_id, people, enterer, today, nth)])


def _typed(community_id: int, people: int, enterer: int, today: date, nth: int) -> list[dict[str, Any]]:
    """A round of entries, each four months before the one that followed; every time a little less was reached."""
    as_of = today - timedelta(days=24 + 121 * nth)
    shares = [(key, round(a * people), round((b or 0) * people), origin) for key, a, b, origin in _GIVEN]
    return [
        {
            "community_id": community_id,
            "indicator": key,
            "as_of": as_of,
            "numerator": float(round(numerator * (1 - 0.04 * nth))),
            "denominator": float(denominator) if denominator else None,
            "origin": origin,
            "entered_by": enterer,
            "entered_at": _noon(as_of + timedelta(days=2)),
        }
        for key, numerator, denominator, origin in (*shares, *_COUNTED)
    ]


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), ZONE)
