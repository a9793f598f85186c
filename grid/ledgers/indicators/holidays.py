"""The holidays before which committees inspect. Three follow the moon: their days stand here, as in the almanac."""

from datetime import date

# The day of 春节, 清明节, 端午节 and 中秋节 as month × 100 + day.
_MOON = {
    2024: (210, 404, 610, 917),
    2025: (129, 404, 531, 1006),
    2026: (217, 405, 619, 925),
    2027: (206, 405, 609, 915),
    2028: (126, 404, 528, 1003),
    2029: (213, 404, 616, 922),
    2030: (203, 405, 605, 912),
    2031: (123, 405, 624, 1001),
    2032: (211, 404, 612, 919),
    2033: (131, 404, 601, 908),
    2034: (219, 405, 620, 927),
    2035: (208, 405, 610, 916),
}
_KEYS = ("spring", "qingming", "dragon_boat", "mid_autumn")
_FIXED = (("new_year", 101), ("may_day", 501), ("national", 1001))


def holidays(start: date, end: date) -> list[tuple[date, str]]:
    """Day and key of the code list `holiday`, in order. In years beyond the almanac only those of the sun."""
    found = [
        (date(year, on // 100, on % 100), key)
        for year in range(start.year, end.year + 1)
        for key, on in (*_FIXED, *zip(_KEYS, _MOON.get(year, ()), strict=False))
    ]
    return sorted(one for one in found if start <= one[0] <= end)
