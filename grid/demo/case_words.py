"""What happens in a year that somebody has to look after: what was seen or asked for, and how it ended.

Every text is at most forty characters long, so that no list cuts it off.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Matter:
    """Something for a case. `where` is a building, somebody's home, or a rented one."""

    type: str
    content: str
    result: str
    where: str = "building"


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a building head saw, and where that went; without a state nobody has looked into it."""

    kind: str
    facts: str | None
    headcount: int | None = None
    where: str = "building"
    state: str = "waiting"
    result: str | None = None
    matter: Matter | None = None


# One of each type in turn, so that any stretch of the list holds them all.
MATTERS = (
    Matter("dispute", "楼上洗衣机水管漏水，天花板泡坏，两家说不拢。", "双方签字：楼上修管，补刷天花板。", "home"),
    Matter("hazard", "楼道堆着旧家具，挡住消防通道。", "物业当天清走，已与住户谈过。"),
    Matter("hygiene", "楼后堆了装修垃圾，有一周了。", "物业已清运。"),
    Matter("facility", "楼道灯有几盏不亮。", "物业已换灯，晚上去看过。"),
    Matter("request", "想申请公租房，不知道要哪些材料。", "材料清单已给，帮着网上递交。", "rented"),
    Matter("security", "车棚里丢了一块电瓶。", "已报派出所，车棚加了摄像头和锁。"),
    Matter("other", "一只猫卡在空调外机里，叫了一夜。", "消防员取出，已送救助站。"),
    Matter("dispute", "晚上常有拖椅子的声音，楼下几次上门争吵。", "楼上装了脚垫，双方当面说好。", "home"),
    Matter("hazard", "电动车推进楼里充电。", "车已移到车棚，门口贴了提醒。"),
    Matter("hygiene", "下水井返水，楼前有气味。", "管道已疏通，井盖换新。"),
    Matter("facility", "门禁刷卡没反应，进出要等人开门。", "门禁主板已换，住户重新发卡。"),
    Matter("request", "换了新医保卡，门诊报销不了。", "陪着到窗口激活，已能报销。", "home"),
    Matter("security", "夜里有人翻墙进小区。", "围墙缺口已补，夜间加一班巡逻。"),
    Matter("other", "捡到一串钥匙，交到社区。", "失主已领回。"),
    Matter("dispute", "租客退租，房东不肯退押金。", "扣清水电费，余款当天退还。", "rented"),
    Matter("hazard", "厨房燃气软管老化开裂。", "燃气公司已换金属软管。", "home"),
    Matter("hygiene", "垃圾桶离窗太近，夏天气味大。", "垃圾桶移到路口，每天加收一次。"),
    Matter("facility", "楼前坡道栏杆松动。", "栏杆已焊牢。"),
    Matter("request", "想办居住证，房东不肯给合同。", "已与房东说明，合同已给，证已办好。", "rented"),
    Matter("security", "放在门口的快递丢了两次。", "已报派出所，物业装了快递柜。", "home"),
    Matter("other", "路口修路，老人过街不便。", "施工方铺了临时通道，放了围栏。"),
    Matter("dispute", "两家争楼前同一个停车位。", "物业重新划线，双方同意轮着用。"),
    Matter("hazard", "外墙瓷砖空鼓，掉过一块。", "先围挡再敲除，物业已补好。"),
    Matter("hygiene", "楼顶水箱边长了杂草，落叶堵了排水口。", "物业清了一遍，每季度看一次。"),
    Matter("facility", "屋面漏雨，顶层墙面发霉。", "屋面重做防水，下雨天看过不漏。"),
    Matter("request", "想在楼梯加一道扶手。", "已上门测量，扶手装好。"),
    Matter("security", "地下通道晚上没人，灯也暗。", "换了亮灯，巡逻加走这一段。"),
    Matter("other", "楼前长椅的木板翘了，容易划到人。", "木板已换。"),
    Matter("dispute", "门口的摄像头对着对门，对门要求挪开。", "镜头转向楼梯，双方认可。", "home"),
)

# What visits hand on is said in the visit's own words.
OF_NEEDS = {
    "希望清理楼后建筑垃圾。": ("hygiene", "物业三天内清完，拍照给住户看过。"),
    "希望增加楼下路灯。": ("facility", "市政加装一盏，已亮。"),
    "希望协调楼上漏水。": ("dispute", "楼上已修好水管，两家都说不漏了。"),
    "需要代办老年卡。": ("request", "卡已办好，送到家。"),
    "想给孩子找托管班。": ("request", "已报进社区托管班。"),
    "希望社区帮忙联系修门禁。": ("facility", "物业已修好，回访满意。"),
    "需要一个轮椅坡道。": ("facility", "单元门口坡道已铺好。"),
    "希望安排上门理发。": ("request", "志愿者每月上门一次。"),
    "想找一份离家近的工作。": ("request", "介绍到附近超市，已上班。"),
    "想了解公租房申请条件。": ("request", "条件已说明，材料清单已给。"),
}

WAITING = (
    Sighting("tenant", "有人搬进来，没见到房东。", 2, "rented"),
    Sighting("peddler", "两人挨户敲门推销床垫。", 2),
    Sighting("stranger", "两人说查煤气，没有工牌，问了几句就走了。", 2),
    Sighting("visitor", None, None, "home"),
    Sighting("other", "单元门口的灯不亮了。"),
    Sighting("tenant", "货车运来床和桌子，住进三个人。", 3, "rented"),
    Sighting("visitor", "两位客人拖着行李箱，说住一个星期。", 2, "home"),
    Sighting("stranger", "有人在几个单元门口来回看。", 1),
)
# Those of which a case was made come first: they go to different heads.
HANDLED = (
    Sighting("tenant", "一套房住进五个人，每人有单独钥匙。", 5, "rented", "turned",
             matter=Matter("hazard", "房间隔断多，请房东拆除，租住的人逐个登记。", "")),
    Sighting("stranger", "一名男子在几个单元门口试门把手。", 1, state="turned",
             matter=Matter("security", "有人试单元门：请物业查门禁，加一班夜间巡逻。", "")),
    Sighting("other", "二楼楼道停了三辆电动车，有一辆在充电。", state="turned",
             matter=Matter("hazard", "楼道电动车充电：请车主移到车棚，查有没有飞线。", "")),
    Sighting("peddler", "在楼下摆摊卖保健品，送鸡蛋。", 3, state="closed", result="已劝离，单元门贴了提醒。",
             matter=Matter("security", "楼下摆摊卖保健品：请物业劝离，提醒老人。", "已劝离，贴了提醒，逐户告知。")),
    Sighting("other", "单元门锁坏了，关不上。", state="closed", result="新锁已装好。",
             matter=Matter("facility", "单元门锁损坏，请物业更换。", "物业已换新锁。")),
    Sighting("visitor", "两位亲戚从外地来，说住三天。", 2, "home", "verified"),
    Sighting("tenant", "搬来一对年轻人，用货车运的家具。", 2, "rented", "turned"),
    Sighting("peddler", "两人挨户推销净水器，说是物业请来的。", 2, state="closed",
             result="物业没有请人，已在单元门贴提醒。"),
    Sighting("stranger", "两人在车位之间转了很久，说找车。", 2, state="closed",
             result="物业问过，是住户的客人忘了车停在哪里。"),
    Sighting("visitor", None, 1, "home", "verified"),
    Sighting("other", "楼后垃圾桶满了两天没人收。", state="closed", result="环卫当天下午已清运。"),
    Sighting("tenant", "房子租出去了，住进三个人。", 3, "rented", "turned"),
    Sighting("visitor", "来了一家人过周末，车停在楼前通道上。", 4, "home", "closed", "已请车主挪到停车位。"),
    Sighting("peddler", "上门推销燃气报警器，要当场收钱。", 1, "home", "verified"),
    Sighting("visitor", "自来水公司来换水表，两人都有工牌。", 2, state="closed",
             result="已与自来水公司核对，是统一换表。"),
    Sighting("stranger", "有人在单元门口问住户情况，说是做调查。", 1, state="closed",
             result="不是社区安排的，提醒大家不用回答。"),
    Sighting("tenant", "换了租客，旧的周末搬走了。", 1, "rented", "closed", "已上门登记。"),
    Sighting("visitor", "装修工人进场，说工期一个月。", 3, "home", "closed", "已说好午休和晚上不动工。"),
    Sighting("other", "空调水一直滴到楼下晾的衣服上。", None, "home", "verified"),
    Sighting("stranger", "敲这户的门，没人应，过了一会儿走了。", 1, "home", "verified"),
    Sighting("peddler", "在楼道发小额贷款卡片。", 1, state="closed", result="卡片已收走，贴了防诈骗提醒。"),
    Sighting("tenant", None, None, "rented", "closed", "是住户的亲戚帮忙搬东西，不是租客。"),
)  # fmt: skip
