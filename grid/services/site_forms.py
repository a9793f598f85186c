"""What is typed about a site, and where it stands: beside a building, or by its degrees."""

from collections.abc import Sequence
from typing import Any

from wtforms import FloatField
from wtforms.validators import DataRequired, NumberRange, Optional

from grid.core.forms import CodeField, Form, KeyField, PhoneField, TextField
from grid.core.i18n import N_
from grid.core.i18n import gettext as _
from grid.core.refusals import Refused
from grid.register.models import Building, Site
from grid.services.fields import RowField
from grid.services.patrol_forms import house_name
from grid.services.site_actions import SiteEntry

DEGREES = N_("请填经纬度的度数，如 114.4012。")


def _degrees(label: str, most: int) -> Any:
    return FloatField(
        label, validators=[Optional(), NumberRange(-most, most, DEGREES)], render_kw={"inputmode": "decimal"}
    )


class SiteForm(Form):
    key = KeyField()
    kind = CodeField(N_("场所类别"), "site_kind", needed=True)
    name = TextField(N_("场所名称"), longest=50, validators=[DataRequired(N_("请写场所的名称。"))])
    keeper = TextField(N_("负责人"), longest=50)
    phone = PhoneField(N_("负责人电话"), longest=60)
    beside = RowField(N_("在哪一幢旁边"))
    lon = _degrees(N_("经度"), 180)
    lat = _degrees(N_("纬度"), 90)

    def offer(self, houses: Sequence[Building]) -> "SiteForm":
        """Only buildings that are drawn on the map."""
        self.beside.offer((house, house_name(house)) for house in houses if house.outline)
        return self

    def entry(self) -> SiteEntry:
        lon, lat = self._spot()
        return SiteEntry(self.kind.data, self.name.data or "", lon, lat, self.keeper.data, self.phone.data)

    def _spot(self) -> tuple[float, float]:
        if self.beside.row is not None:
            return middle_of(self.beside.row.outline)
        if self.lon.data is None or self.lat.data is None:
            raise Refused(_("地图上放在哪里？请选一幢楼，或者填经纬度。"), "beside")
        return float(self.lon.data), float(self.lat.data)


def site_form(site: Site, key: str) -> SiteForm:
    return SiteForm(formdata=None, obj=site, key=key)


def middle_of(outline: Sequence[Any]) -> tuple[float, float]:
    """Of the first ring's corners; good enough for a sign beside a house."""
    corners = outline[0][:-1] or outline[0]
    lon, lat = (sum(float(corner[i]) for corner in corners) / len(corners) for i in (0, 1))
    return round(lon, 6), round(lat, 6)
