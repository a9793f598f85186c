"""The tags every new community starts with (DOMAIN: 9+X person kinds); it may add its own."""

# code, label, group, contact every n days, kind of contact
STARTER = (
    ("party_member", "党员", "organisation", None, None),
    ("volunteer", "志愿者", "organisation", None, None),
    ("resident_delegate", "居民代表", "organisation", None, None),
    ("building_head", "楼栋长", "organisation", None, None),
    ("veteran", "退役军人", "service", 180, "visit"),
    ("low_income", "低保", "care", 90, "visit"),
    ("extreme_poverty", "特困", "care", 30, "visit"),
    ("disabled", "残疾", "care", 90, "visit"),
    ("living_alone", "独居", "care", 30, "visit"),
    ("empty_nest", "空巢", "care", 60, "visit"),
    ("aged_80", "高龄", "care", 60, "visit"),
    ("incapacitated", "失能", "care", 30, "visit"),
    ("child_in_need", "困境儿童", "care", 30, "visit"),
    ("left_behind", "留守", "care", 60, "visit"),
    ("unemployed", "失业", "service", 90, "phone"),
    ("retired", "退休", "service", None, None),
)
# Hidden from building heads, sheets, maps and counts; opened only with a reason; they expire.
RESTRICTED = (
    ("mental_disorder", "严重精神障碍", "service", 30, "visit"),
    ("released", "刑满释放", "guidance", 30, "talk"),
    ("community_correction", "社区矫正", "guidance", 30, "talk"),
    ("drug_rehabilitation", "戒毒康复", "service", 30, "talk"),
)
GRACE_DAYS = 7
RETENTION_DAYS = 1095
