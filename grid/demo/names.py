"""Invents names as a Chinese register has them: surnames by frequency, given names by generation."""

from itertools import accumulate
from random import Random

# Share of the population in thousandths, roughly; the tail is rare, double or read in two ways.
_SURNAMES = {
    "王": 71, "李": 70, "张": 66, "刘": 52, "陈": 45, "杨": 31, "黄": 22, "赵": 21, "吴": 20, "周": 20, "徐": 15,
    "孙": 15, "马": 13, "朱": 13, "胡": 13, "郭": 12, "何": 12, "林": 12, "高": 10, "罗": 10, "郑": 9, "梁": 9,
    "谢": 8, "宋": 8, "唐": 7, "许": 7, "韩": 7, "邓": 7, "冯": 7, "曹": 7, "彭": 6, "曾": 6, "肖": 6, "田": 6,
    "董": 6, "潘": 6, "袁": 5, "蔡": 5, "蒋": 5, "余": 5, "于": 5, "杜": 5, "叶": 5, "程": 5, "魏": 5, "苏": 5,
    "吕": 5, "丁": 4, "任": 4, "卢": 4, "姚": 4, "沈": 4, "钟": 4, "姜": 4, "崔": 4, "谭": 4, "陆": 4, "范": 4,
    "汪": 4, "廖": 4, "石": 4, "金": 4, "韦": 3, "贾": 3, "夏": 3, "付": 3, "方": 3, "邹": 3, "熊": 3, "白": 3,
    "孟": 3, "秦": 3, "邱": 3, "侯": 3, "江": 3, "尹": 3, "薛": 3, "闫": 3, "段": 3, "雷": 3, "龙": 3, "黎": 3,
    "史": 3, "陶": 3, "贺": 3, "毛": 3, "郝": 3, "顾": 3, "龚": 3, "邵": 3, "万": 3, "覃": 2, "武": 2, "钱": 2,
    "戴": 2, "严": 2, "莫": 2, "孔": 2, "向": 2, "常": 2, "汤": 2, "康": 2, "易": 2, "乔": 2, "文": 2, "牛": 1,
    "单": 2, "解": 2, "仇": 2, "朴": 1, "查": 2, "翟": 1, "盖": 1, "区": 1, "种": 1, "乐": 1, "宁": 1, "尉": 1,
    "欧阳": 2, "尉迟": 1, "上官": 1, "司马": 1, "诸葛": 1, "令狐": 1, "皇甫": 1, "长孙": 1,
}  # fmt: skip

# (born before, male first characters, male second, female first, female second, share of one-character names)
_ERAS = (
    (1950, "德国世永长文正志玉光兴福", "福贵生林才山清明祥华发荣", "秀桂玉淑素凤兰翠春金", "英珍兰华芳云莲贞香芝", 4),
    (1965, "建国卫志文永新德忠爱正学", "国华明军民平生林东强忠良", "秀桂玉爱丽美淑凤建月", "英兰华珍芳萍琴梅云荣", 12),
    (1980, "建志国永文晓海立红宏俊振", "军伟平强勇明华东辉斌峰刚", "丽小红晓春海艳玉雪慧", "红霞丽萍燕敏芳琴梅娟", 30),
    (1995, "志俊晓文海子家鹏宇明振浩", "杰磊超伟鹏涛鑫辉飞龙亮洋", "晓婷丹雪小佳思文静雅", "婷静娜莉颖雯洁琳倩蕾", 34),
    (2010, "子浩宇俊博文思明家天晨泽", "轩豪然杰宇涛航睿辰翔昊阳", "欣佳思雨梦子诗雅婉语", "怡涵琪妍彤萱瑶悦琳雯", 12),
    (9999, "梓浩宇沐一奕泽子铭俊景知", "宸轩泽睿辰然言安远霖航卓", "梓一若诗沐语可欣雨知", "涵诺汐瑶萱晗玥彤宁冉", 5),
)  # fmt: skip
_RARE = {"1": "䶮昇犇祎堃翀", "2": "㛃玥珺婳妤嫚"}
_MINORITY = {
    "05": {
        "1": ("买买提·艾力", "艾尔肯·吐尔逊", "阿迪力·卡德尔"),
        "2": ("阿依古丽·买买提", "古丽娜尔·艾力", "热依汗·吐尔逊"),
    },
}  # fmt: skip


class Names:
    """Draws names from one set of dice, so that the same seed names the same people."""

    def __init__(self, dice: Random) -> None:
        self.dice = dice
        self._surnames = list(_SURNAMES)
        self._shares = list(accumulate(_SURNAMES.values()))

    def surname(self) -> str:
        return self.dice.choices(self._surnames, cum_weights=self._shares)[0]

    def given(self, sex: str, born: int) -> str:
        era = next(era for era in _ERAS if born < era[0])
        first, second = (era[1], era[2]) if sex == "1" else (era[3], era[4])
        toss = self.dice.random()
        if toss < 0.006:
            return self.dice.choice(_RARE[sex]) + (self.dice.choice(second) if toss < 0.003 else "")
        tail = self.dice.choice(second)
        if self.dice.random() * 100 < era[5]:
            return tail
        head = self.dice.choice(first)
        return tail if head == tail and born < 2010 else head + tail

    def full(self, sex: str, born: int, surname: str = "") -> str:
        return (surname or self.surname()) + self.given(sex, born)

    def minority(self, ethnic: str, sex: str) -> str | None:
        """A whole name where a people writes none of the usual surnames, else None."""
        names = _MINORITY.get(ethnic)
        return self.dice.choice(names[sex]) if names else None
