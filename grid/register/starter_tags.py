"""The tags every new community starts with."""

from grid.core.i18n import N_

# code, label, group, contact every n days, kind of contact
STARTER = (
    ("party_member", N_("党员"), "organisation", None, None),
    ("volunteer", N_("志愿者"), "organisation", None, None),
    ("resident_delegate", N_("居民代表"), "organisation", None, None),
    ("building_head", N_("楼栋长"), "organisation", None, None),
    ("veteran", N_("退役军人"), "service", 180, "visit"),
    ("low_income", N_("低保"), "care", 90, "visit"),
    ("extreme_poverty", N_("特困"), "care", 30, "visit"),
    ("disabled", N_("残疾"), "care", 90, "visit"),
    ("living_alone", N_("独居"), "care", 30, "visit"),
    ("empty_nest", N_("空巢"), "care", 60, "visit"),
    ("aged_80", N_("高龄"), "care", 60, "visit"),
    ("incapacitated", N_("失能"), "care", 30, "visit"),
    ("child_in_need", N_("困境儿童"), "care", 30, "visit"),
    ("left_behind", N_("留守"), "care", 60, "visit"),
    ("unemployed", N_("失业"), "service", 90, "phone"),
    ("retired", N_("退休"), "service", None, None),
)
# In no page, sheet, map or count; 今天 tells whoever is in charge of the door that contact is due, not why.
RESTRICTED = (
    ("mental_disorder", N_("严重精神障碍"), "service", 30, "visit"),
    ("released", N_("刑满释放"), "guidance", 30, "talk"),
    ("community_correction", N_("社区矫正"), "guidance", 30, "talk"),
    ("drug_rehabilitation", N_("戒毒康复"), "service", 30, "talk"),
)
# code → the fields of its own: key, label, kind, choices
FIELDS: dict[str, tuple[tuple[str, str, str, tuple[str, ...]], ...]] = {
    "disabled": (
        ("grade", N_("等级"), "choice", (N_("一级"), N_("二级"), N_("三级"), N_("四级"))),
        ("card_tail", N_("残疾证号后四位"), "text", ()),
    ),
    "low_income": (("amount", N_("每月保障金额（元）"), "number", ()), ("from_on", N_("起始日期"), "date", ())),
    "retired": (("retired_on", N_("退休日期"), "date", ()), ("unit", N_("原单位"), "text", ())),
    "unemployed": (
        ("lost_on", N_("失业日期"), "date", ()),
        ("wish", N_("求职意向"), "text", ()),
        ("trained", N_("参加过培训"), "yes_no", ()),
    ),
}
GRACE_DAYS = 7
RETENTION_DAYS = 365
