"""Fills in the fields of the starter tags' own, as fits the person: deterministic, by the row's number."""

from datetime import date, timedelta
from typing import Any

DISABLED = ("一级", "二级", "三级", "四级")
UNITS = ("柳溪棉纺厂", "市公交公司", "第二机床厂", "柳溪小学", "区粮油公司", "铁路机务段")
WISHES = ("保洁", "保安", "家政", "超市收银", "社区公益岗", "网约车司机")


def own_fields(code: str, nth: int, since: date, age: int) -> dict[str, Any] | None:
    """What the register says of a carrier's tag since a day."""
    if code == "disabled":
        return {"grade": DISABLED[nth % 4], "card_tail": f"{(nth * 7919) % 10000:04d}"}
    if code == "low_income":
        return {"amount": 380 + nth % 9 * 40, "from_on": since.replace(day=1).isoformat()}
    if code == "retired":
        retired_on = since - timedelta(days=max(0, age - 60) * 365)
        return {"retired_on": retired_on.isoformat(), "unit": UNITS[nth % len(UNITS)]}
    if code == "unemployed":
        return {
            "lost_on": (since - timedelta(days=20 + nth % 60)).isoformat(),
            "wish": WISHES[nth % len(WISHES)],
            "trained": nth % 3 == 0,
        }
    return None
