"""Figures of the plans that our rows cannot give: an office tells them, somebody types them in."""

from grid.core.i18n import N_
from grid.ledgers.indicators.base import COUNT, RATE, typed

PEOPLE, METRES = N_("人"), N_("平方米")
_SHARES = (
    ("family_doctor", N_("家庭医生签约率"), N_("签约居民 ÷ 常住居民，由社区卫生服务站提供"), PEOPLE),
    ("health_files", N_("居民电子健康档案率"), N_("建档居民 ÷ 常住居民，由社区卫生服务站提供"), PEOPLE),
    ("vaccination", N_("疫苗接种率"), N_("按程序接种的儿童 ÷ 应接种儿童，由社区卫生服务站提供"), PEOPLE),
    ("mother_child_care", N_("孕产妇和七岁以下儿童保健率"), N_("建卡管理的 ÷ 应管理的，由社区卫生服务站提供"), PEOPLE),
    ("hypertension", N_("高血压管理率"), N_("规范管理的 ÷ 估算患者数，由社区卫生服务站提供"), PEOPLE),
    ("diabetes", N_("糖尿病管理率"), N_("规范管理的 ÷ 估算患者数，由社区卫生服务站提供"), PEOPLE),
    ("medical_insurance", N_("医疗保险参保率"), N_("参保居民 ÷ 应参保居民，由医保部门提供"), PEOPLE),
    (
        "taking_part_told",
        N_("居民活动参与率（估算）"),
        N_("参加过活动的户 ÷ 户数；到场的户没有登记时，由社区估算"),
        N_("户"),
    ),
    ("fire_equipment", N_("消防器材配备率"), N_("配齐消防器材的楼栋 ÷ 楼栋数"), N_("栋")),
    ("fire_knowledge", N_("消防知识知晓率"), N_("答对的居民 ÷ 抽查的居民"), PEOPLE),
    ("green_cover", N_("绿化覆盖率"), N_("绿化面积 ÷ 社区面积，由园林部门提供"), METRES),
    ("safety_posts", N_("治安岗亭设置率"), N_("设了治安岗亭的小区 ÷ 小区数"), N_("个")),
    ("stair_lamps", N_("楼道灯亮灯率"), N_("亮着的楼道灯 ÷ 楼道灯总数"), N_("盏")),
    ("sanitation_equipment", N_("环卫设施完好率"), N_("完好的环卫设施 ÷ 环卫设施总数"), N_("处")),
    ("social_security", N_("社会保障覆盖率"), N_("享有社会保障的居民 ÷ 应享有的居民，由街道提供"), PEOPLE),
    ("satisfaction", N_("居民满意率"), N_("满意和基本满意的答卷 ÷ 收回的答卷"), N_("份")),
    ("local_management", N_("属地管理率"), N_("纳入属地管理的单位 ÷ 辖区单位，由街道提供"), N_("家")),
    ("health_knowledge", N_("健康知识知晓率"), N_("答对的题 ÷ 问卷的题"), N_("题")),
    ("health_behaviour", N_("健康行为形成率"), N_("有健康行为的居民 ÷ 受访居民"), PEOPLE),
)
_COUNTS = (
    ("activity_space", N_("居民活动场地"), N_("室内外活动场地的面积"), METRES),
    ("new_books", N_("新增图书"), N_("图书室本年增加的图书"), N_("册")),
)
for key, title, formula, noun in _SHARES:
    typed(key, title, RATE, formula, noun=noun)
for key, title, formula, noun in _COUNTS:
    typed(key, title, COUNT, formula, noun=noun)
