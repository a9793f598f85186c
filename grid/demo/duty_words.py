"""What patrols of a year come across, what workers plan for a week, and who they do it with."""

# kind, name, how many are in it
TEAMS = (
    ("party_patrol", "党员巡逻队", 8),
    ("patrol", "义务巡逻队", 10),
    ("volunteer_patrol", "志愿者夜巡队", 9),
    ("volunteers", "邻里志愿服务队", 16),
    ("mediators", "人民调解员队伍", 5),
    ("fire", "微型消防队", 6),
    ("arts", "夕阳红合唱队", 12),
    ("arts", "广场舞队", 14),
    ("arts", "书画社", 7),
    ("sports", "太极拳队", 11),
    ("sports", "门球队", 8),
    ("sports", "乒乓球队", 6),
)
# Which of the first three walks on which weekday, from Monday.
TURNS = (0, 1, 2, 0, 1, 2, 2)

CONTENTS = (
    None,
    None,
    "一切正常。",
    "各楼栋走了一遍，一切正常。",
    "查看车棚和消防通道，提醒两户不要在楼道充电。",
    "劝离夜里大声唱歌的人。",
    "提醒几户关好一楼窗户。",
    "检查围墙和出入口，一切正常。",
)
# What was found, where, and what kind of case became of it, if any, with how that ended.
FINDINGS = (
    ("楼道灯不亮", "二单元三楼", None, None),
    ("电动车停在楼道里充电，已劝走", "一单元门口", None, None),
    ("单元门没有关好", "三单元", None, None),
    ("消防通道被车挡住，已通知车主挪走", "楼前", None, None),
    ("垃圾桶满了，旁边堆了几袋", "楼后", None, None),
    ("一楼窗户没关，已告诉住户", "一单元一楼", None, None),
    ("草地上有人遛大狗没拴绳，已劝说", "楼前草地", None, None),
    ("井盖松动，踩上去会响", "楼前路上", "hazard", "物业已换新井盖。"),
    ("围墙栏杆缺了一根，人能钻进来", "楼后围墙", "security", "栏杆已焊好。"),
    ("消防栓箱的玻璃碎了", "二单元一楼", "hazard", "玻璃已换，水带也查过。"),
    ("摄像头被树枝挡住", "楼前路口", "facility", "园林已修枝。"),
    ("地下车库排水沟盖板断了", "车库入口", "facility", "盖板已更换。"),
    ("楼道里堆了几袋装修垃圾", "四单元一楼", "hygiene", "住户已清走。"),
)
OPEN_FINDING = ("路灯连着三盏不亮，晚上看不清台阶", "楼前坡道", "facility")

PLANS = (
    "走访独居老人，量血压、问冷暖",
    "走访新搬来的租户，补登记",
    "入户核对户档，补齐缺的电话",
    "周一排查矛盾纠纷",
    "检查楼道消防通道",
    "和物业碰头，催修楼道灯",
    "更新宣传栏",
    "参加社区例会",
    "陪困难家庭办低保复核",
    "通知居民参加健康讲座",
    "回访上周办结的事件",
    "整理台账",
    "查看车棚和充电桩",
    "给楼栋长打电话，问有没有新情况",
)
UNDONE = ("住户不在家，改到下周", "材料还差一份", "下雨没去成")
REMARKS = ("写得清楚，继续。", None, "走访可以再多几户。", None, "好。", "没做完的请放进下周。")
