"""The people of the demo community, one by one, with numbers that belong to nobody.

ID numbers lie in region 99xxxx, which no authority hands out, and phones in 199000xxxxx.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from grid.demo.doors import Door
from grid.demo.names import Names
from grid.register.id_numbers import check_digit

HERE = "990106"
REGIONS = ("990102", "990105", "990213", "990411", "990528", "990622", "990717", "990831", "990925")
ELSEWHERE = (
    "青禾县石桥镇杨家湾村3组", "云岭市南河街道书院路18号", "安平县柳林镇大塘村6组", "白沙县河口镇新街9号",
    "临江市东门街道码头路27号", "望山县松岭乡双井村1组", "長宁县长宁镇人民路102号", "平湖市西塘街道荷花巷5号",
    "丰谷县双桥镇红旗村8组", "海州市新港街道建设一路66号", "槐树县永安镇后街14号", "明溪县梅林镇桃坪村2组",
)  # fmt: skip
MAN, WOMAN = "1", "2"


@dataclass(slots=True)
class Person:
    name: str
    sex: str
    birth: date
    id_no: str | None
    phone: str | None
    ethnic: str
    marital: str | None
    political: str | None
    education: str | None
    occupation: str | None
    employer: str | None
    hukou_region: str | None
    hukou_address: str | None
    population_kind: str
    residency_match: str
    health: str | None
    former_name: str | None = None
    died_on: date | None = None
    tags: list[str] = field(default_factory=list)

    def age(self, on: date) -> int:
        return on.year - self.birth.year - ((on.month, on.day) < (self.birth.month, self.birth.day))


@dataclass(slots=True)
class Stay:
    """A residency: who lived behind the door, as what, from when to when."""

    person: Person
    relation: str
    is_head: bool
    live_kind: str
    from_on: date
    to_on: date | None = None
    came_from: str | None = None
    went_to: str | None = None
    reason: str | None = None


@dataclass(slots=True)
class Household:
    door: Door
    occupancy: str
    stays: list[Stay] = field(default_factory=list)
    owner_name: str | None = None
    owner_phone: str | None = None
    rental_use: str | None = None
    landlord_duty: bool | None = None
    emergency_name: str | None = None
    emergency_phone: str | None = None
    family_kind: str = "general"
    safe_family: bool | None = None
    filed_on: date | None = None
    verified_on: date | None = None
    note: str | None = None

    def present(self) -> list[Stay]:
        return [stay for stay in self.stays if stay.to_on is None]


class Lives:
    """Draws one person after the other: a name, numbers, schooling, work, as fits age and sex."""

    def __init__(self, dice: Random, today: date, phones: int = 0) -> None:
        self.dice = dice
        self.today = today
        self.names = Names(dice)
        self._phones = phones
        self._numbers: set[str] = set()

    def person(self, sex: str, born: date, surname: str = "", marital: str | None = None) -> Person:
        dice, age = self.dice, self.today.year - born.year
        ethnic = self._ethnic()
        job, employer = self._work(sex, age)
        return Person(
            name=self.names.minority(ethnic, sex) or self.names.full(sex, born.year, surname),
            sex=sex,
            birth=born,
            id_no=self._id_no(sex, born) if dice.random() > 0.035 else None,
            phone=self.phone() if 11 < age < 86 and dice.random() > 0.06 else None,
            ethnic=ethnic,
            marital=marital if dice.random() > 0.05 else None,
            political=self._political(age),
            education=self._education(age, job) if dice.random() > 0.09 else None,
            occupation=job,
            employer=employer,
            hukou_region=HERE,
            hukou_address=None,
            population_kind="registered",
            residency_match="01",
            health=self._health(age) if dice.random() > 0.1 else None,
        )

    def born(self, youngest: int, oldest: int) -> date:
        return self.today - timedelta(days=self.dice.randint(youngest * 366, oldest * 365))

    def married(self) -> str:
        toss = self.dice.random()
        return "20" if toss < 0.62 else "21" if toss < 0.93 else "22"

    def _ethnic(self) -> str:
        toss = self.dice.random()
        if toss < 0.962:
            return "01"
        return self.dice.choices(("15", "03", "06", "11", "08", "12", "05"), (30, 22, 14, 14, 10, 7, 2))[0]

    def _political(self, age: int) -> str:
        toss = self.dice.random()
        if 14 <= age <= 28 and toss < 0.3:
            return "03"
        if age >= 22 and toss < 0.115:
            return "01"
        return "12" if age > 30 and toss > 0.9965 else "13"

    def _education(self, age: int, job: str | None) -> str | None:
        if age < 7:
            return None
        if job in LEARNED:
            return self.dice.choices(("10", "20", "30"), (18, 56, 26))[0]
        if age < 13:
            return "80"
        if age < 16:
            return "70"
        if age < 19:
            return "60"
        shares = (
            (2, 12, 14, 10, 18, 24, 14, 6) if age > 70 else (3, 16, 18, 12, 24, 20, 6, 1) if age > 45
            else (9, 34, 26, 10, 12, 8, 1, 0)
        )  # fmt: skip
        return self.dice.choices(("10", "20", "30", "40", "60", "70", "80", "90"), shares)[0]

    def _health(self, age: int) -> str:
        toss = self.dice.random()
        if age < 45:
            return "10" if toss < 0.97 else "30"
        if age < 65:
            return "10" if toss < 0.82 else self.dice.choice(("20", "30", "37"))
        return "10" if toss < 0.45 else self.dice.choice(("20", "20", "30", "31", "32", "37", "33"))

    def _work(self, sex: str, age: int) -> tuple[str | None, str | None]:
        if age < 3:
            return None, None
        if age < 7:
            return "学龄前儿童", "柳岸幼儿园" if age > 3 and self.dice.random() < 0.5 else None
        if age < 22:
            return "学生", "柳溪小学" if age < 13 and self.dice.random() < 0.7 else None
        if age >= (60 if sex == MAN else 55):
            return "退休", self.dice.choice(("原纺织机械厂", "原第二小学", "原市供销社", "原粮食局", None, None))
        if self.dice.random() < 0.12:
            return None, None
        job, employer = self.dice.choice(JOBS)
        return ("网约车司机", None) if job == "育儿嫂" and sex == MAN else (job, employer)

    def _id_no(self, sex: str, born: date) -> str:
        region = HERE if self.dice.random() < 0.6 else self.dice.choice(REGIONS)
        while True:
            order = self.dice.randrange(1, 499) * 2 + (1 if sex == MAN else 0)
            head = f"{region}{born:%Y%m%d}{order:03}"
            number = head + check_digit(head)
            if number not in self._numbers:
                self._numbers.add(number)
                return number

    def phone(self) -> str:
        """All 100,000 numbers come once before one repeats; neighbours get distant ones."""
        self._phones += 1
        return f"199000{self._phones * 48_271 % 100_000:05}"


JOBS = (
    ("教师", "柳溪小学"), ("教师", "市第四中学"), ("护士", "区人民医院"), ("医生", "区人民医院"),
    ("会计", "江城商贸公司"),
    ("程序员", "云帆软件"), ("程序员", "恒信科技"), ("销售", "江城商贸公司"), ("外卖骑手", None),
    ("快递员", "顺达快递"),
    ("网约车司机", None), ("公交司机", "市公交三公司"), ("厨师", "老街饭庄"), ("服务员", "老街饭庄"),
    ("保洁员", "洁美家政"),
    ("保安", "安盾物业"), ("电工", "安盾物业"), ("工人", "汽车零部件厂"), ("工人", "纺织机械厂"),
    ("技术员", "汽车零部件厂"),
    ("个体经营", None), ("个体经营", None), ("建筑工人", "宏业建筑"), ("设计师", "一尺设计"), ("公务员", "区政府"),
    ("银行职员", "江城银行"), ("收银员", "清风超市"), ("理发师", "美丽人生理发店"), ("育儿嫂", None),
    ("自由职业", None),
)  # fmt: skip
LEARNED = frozenset({"教师", "护士", "医生", "会计", "程序员", "设计师", "公务员", "银行职员"})


def surname_of(name: str) -> str:
    if "·" in name:
        return ""
    double = ("欧阳", "尉迟", "上官", "司马", "诸葛", "令狐", "皇甫", "长孙")
    return name[:2] if name.startswith(double) else name[:1]
