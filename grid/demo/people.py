"""The people of the demo community: families as they live, with numbers that belong to nobody.

ID numbers lie in region 99xxxx, which no authority hands out, and phones in 199000xxxxx.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate
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
    safe_family: bool | None = True
    filed_on: date | None = None
    verified_on: date | None = None
    note: str | None = None

    def present(self) -> list[Stay]:
        return [stay for stay in self.stays if stay.to_on is None]


# Family shapes with their weights: each names the method that makes it.
OWN = (
    (6, "elder_alone"), (11, "elder_couple"), (4, "alone"), (6, "couple"), (27, "one_child"), (20, "two_children"),
    (26, "three_generations"), (3, "single_parent"), (7, "grown_child"), (2, "grandparents_child"),
)  # fmt: skip
RENTED = ((17, "alone"), (22, "couple"), (34, "one_child"), (13, "two_children"), (19, "sharing"))


class Settlers:
    """Fills one community's doors. Everything it draws comes from its own dice."""

    def __init__(self, dice: Random, today: date, phones: int = 0) -> None:
        self.dice = dice
        self.today = today
        self.names = Names(dice)
        self._phones = phones
        self._numbers: set[str] = set()
        self._shapes = {kind: _weighted(shapes) for kind, shapes in (("own", OWN), ("rented", RENTED))}

    def settle(self, door: Door, built: int) -> Household:
        """A door with its owner, and the people who live and lived behind it."""
        home = Household(door, self._occupancy(door))
        if door.use == "dwelling":
            self._move_in(home, built)
        self._own(home)
        self._file(home)
        return home

    def _occupancy(self, door: Door) -> str:
        toss = self.dice.random() * 100
        if door.use == "dwelling":
            return "own" if toss < 70.5 else "rented" if toss < 92.8 else "vacant"
        if door.use == "garage":
            return "own" if toss < 85 else "vacant"
        return "rented" if toss < 74 else "own" if toss < 93 else "vacant"

    def _move_in(self, home: Household, built: int) -> None:
        if home.occupancy != "vacant":
            shapes, weights = self._shapes[home.occupancy]
            shape = self.dice.choices(shapes, cum_weights=weights)[0]
            since = self._since(built, home.occupancy == "rented")
            home.stays = getattr(self, f"_{shape}")(since, home.occupancy == "rented")
            self._grow_up(home.stays)
            self._complete(home)
        if self.dice.random() < (0.16 if home.occupancy == "rented" else 0.3 if home.occupancy == "vacant" else 0.006):
            home.stays += self._former_tenants(home)
        if home.occupancy == "own" and self.dice.random() < 0.011:
            home.stays.append(self._late_parent(home))

    def _since(self, built: int, rented: bool) -> date:
        earliest = date(self.today.year - 4, 1, 1) if rented else date(built, 9, 1)
        span = (self.today - earliest).days
        # Most owners came in the first years of a house; tenants come all the time.
        share = self.dice.random() if rented else self.dice.random() ** 1.8
        return earliest + timedelta(days=int(max(span - 5, 1) * share))

    def _grow_up(self, stays: list[Stay]) -> None:
        """Nobody founded a household as a child: the family came when its head was grown."""
        grown = min(stays[0].person.birth + timedelta(days=22 * 366), self.today)
        for stay in stays:
            stay.from_on = max(stay.from_on, grown, stay.person.birth)

    # The families, one method per shape; each answers the stays of all its members.

    def _elder_alone(self, since: date, rented: bool) -> list[Stay]:
        sex = WOMAN if self.dice.random() < 0.66 else MAN
        return [self._stay(self._person(sex, self._born(66, 93), marital="30"), "02", since, rented, head=True)]

    def _elder_couple(self, since: date, rented: bool) -> list[Stay]:
        return self._pair(self._born(62, 88), since, rented)

    def _alone(self, since: date, rented: bool) -> list[Stay]:
        sex = self.dice.choice((MAN, WOMAN))
        born = self._born(21, 38) if rented else self._born(26, 60)
        marital = "10" if self.dice.random() < 0.7 else "40"
        return [self._stay(self._person(sex, born, marital=marital), "02", since, rented, head=True)]

    def _couple(self, since: date, rented: bool) -> list[Stay]:
        return self._pair(self._born(24, 40), since, rented)

    def _one_child(self, since: date, rented: bool) -> list[Stay]:
        pair = self._pair(self._born(27, 48), since, rented)
        return pair + self._children(pair, 1, since, rented)

    def _two_children(self, since: date, rented: bool) -> list[Stay]:
        pair = self._pair(self._born(31, 46), since, rented)
        return pair + self._children(pair, 2, since, rented)

    def _three_generations(self, since: date, rented: bool) -> list[Stay]:
        pair = self._pair(self._born(30, 46), since, rented)
        family = pair + self._children(pair, 1 if self.dice.random() < 0.7 else 2, since, rented)
        head = pair[0].person
        sides = ("51", "52") if self.dice.random() < 0.72 else ("55", "56")
        surname = _surname(head.name) if sides[0] == "51" else _surname(pair[1].person.name)
        both = self.dice.random() < 0.6
        for relation in sides if both else (self.dice.choice(sides),):
            sex = MAN if relation in ("51", "55") else WOMAN
            born = head.birth - timedelta(days=self.dice.randint(22 * 365, 31 * 365))
            elder = self._person(sex, born, surname if sex == MAN else "", "20" if both else "30")
            family.append(self._stay(elder, relation, since, rented))
        return family

    def _single_parent(self, since: date, rented: bool) -> list[Stay]:
        sex = WOMAN if self.dice.random() < 0.75 else MAN
        parent = self._stay(self._person(sex, self._born(30, 47), marital="40"), "02", since, rented, head=True)
        return [parent, *self._children([parent], 1, since, rented)]

    def _grown_child(self, since: date, rented: bool) -> list[Stay]:
        pair = self._pair(self._born(50, 62), since, rented)
        head = pair[0].person
        sex = self.dice.choice((MAN, WOMAN))
        born = head.birth + timedelta(days=self.dice.randint(23 * 365, 28 * 365))
        child = self._person(sex, born, _surname(head.name), "10")
        return [*pair, self._stay(child, "20" if sex == MAN else "30", since, rented)]

    def _grandparents_child(self, since: date, rented: bool) -> list[Stay]:
        """Grandparents with a grandchild whose parents work far away."""
        pair = self._pair(self._born(56, 70), since, rented)
        sex = self.dice.choice((MAN, WOMAN))
        child = self._person(sex, self._born(4, 14), _surname(pair[0].person.name), "10")
        child.population_kind = "left_behind"
        child.tags.append("left_behind")
        return [*pair, self._stay(child, "41" if sex == MAN else "42", since, rented)]

    def _sharing(self, since: date, rented: bool) -> list[Stay]:
        sex = self.dice.choice((MAN, WOMAN))
        count = self.dice.choice((2, 2, 3, 3, 4))
        sharers = [self._person(sex, self._born(20, 34), marital="10") for _ in range(count)]
        late = [min(self.today, since + timedelta(days=self.dice.randint(0, 150) * (i > 0))) for i in range(count)]
        return [
            self._stay(p, "98" if i else "02", day, True, head=i == 0)
            for i, (p, day) in enumerate(zip(sharers, late, strict=True))
        ]

    def _pair(self, born: date, since: date, rented: bool) -> list[Stay]:
        head_sex = MAN if self.dice.random() < 0.74 else WOMAN
        other = WOMAN if head_sex == MAN else MAN
        apart = self.dice.randint(-500, 1700) * (1 if head_sex == MAN else -1)
        head = self._person(head_sex, born, marital=self._married())
        spouse = self._person(other, _bounded(born + timedelta(days=apart), self.today), marital=head.marital or "20")
        return [
            self._stay(head, "02", since, rented, head=True),
            self._stay(spouse, "12" if other == WOMAN else "11", since, rented),
        ]

    def _children(self, parents: list[Stay], count: int, since: date, rented: bool) -> list[Stay]:
        mother = min(parents, key=lambda stay: stay.person.sex != WOMAN).person
        father = min(parents, key=lambda stay: stay.person.sex != MAN).person
        born = mother.birth + timedelta(days=self.dice.randint(23 * 365, 31 * 365))
        children: list[Stay] = []
        for _ in range(count):
            born = min(born, self.today - timedelta(days=self.dice.randint(20, 1100)))
            sex = MAN if self.dice.random() < 0.52 else WOMAN
            child = self._person(sex, born, _surname(father.name), "10")
            nth = sum(stay.person.sex == sex for stay in children)
            children.append(self._stay(child, _child_code(sex, nth, count), since, rented))
            born += timedelta(days=self.dice.randint(700, 2200))
        return children

    # One person.

    def _person(self, sex: str, born: date, surname: str = "", marital: str | None = None) -> Person:
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

    def _stay(self, person: Person, relation: str, since: date, rented: bool, head: bool = False) -> Stay:
        since = max(since, person.birth)
        if not rented:
            return Stay(person, relation, head, "head_family", since)
        away = self.dice.choice(ELSEWHERE)
        person.population_kind, person.residency_match = "floating", "02"
        person.hukou_region, person.hukou_address = self.dice.choice(REGIONS), away
        return Stay(person, relation, head, "tenant", since, came_from=away)

    def _complete(self, home: Household) -> None:
        """What only shows once the whole family stands: registers elsewhere, ages that give a name."""
        family = [stay.person for stay in home.stays]
        if home.occupancy == "own" and self.dice.random() < 0.13:
            away = self.dice.choice(ELSEWHERE)
            for person in family:
                person.hukou_region, person.hukou_address = self.dice.choice(REGIONS), away
                person.residency_match = "02"
                person.population_kind = "floating" if person.population_kind == "registered" else "left_behind"
        if home.occupancy == "own" and len(family) < 4 and self.dice.random() < 0.009:
            home.stays.append(self._lodger())
        old = [person for person in family if person.age(self.today) >= 65]
        if old and len(family) == 1:
            old[0].tags.append("living_alone")
        elif old and len(family) == 2 and all(p.age(self.today) >= 60 for p in family):
            for person in family:
                person.tags.append("empty_nest")

    def _lodger(self) -> Stay:
        guest = self._person(self.dice.choice((MAN, WOMAN)), self._born(19, 30), marital="10")
        stay = self._stay(guest, "97", self.today - timedelta(days=self.dice.randint(20, 700)), True)
        stay.live_kind = "lodger"
        return stay

    def _former_tenants(self, home: Household) -> list[Stay]:
        """Those who rented before: gone before the present people came."""
        first = min((stay.from_on for stay in home.stays), default=self.today)
        left = min(first, self.today) - timedelta(days=self.dice.randint(3, 160))
        came = left - timedelta(days=self.dice.randint(150, 1100))
        stays = self._couple(came, True) if self.dice.random() < 0.4 else self._alone(came, True)
        for stay in stays:
            stay.to_on, stay.reason = max(left, stay.from_on), "lease_ended" if self.dice.random() < 0.7 else "moved"
            stay.went_to = self.dice.choice((*ELSEWHERE[:4], "本市其他社区", "本市其他社区", None))
        return stays

    def _late_parent(self, home: Household) -> Stay:
        died = self.today - timedelta(days=self.dice.randint(20, 900))
        sex = self.dice.choice((MAN, WOMAN))
        person = self._person(sex, self._born(74, 95), marital="30")
        person.died_on = died
        since = min(min((s.from_on for s in home.stays), default=died), died - timedelta(days=900))
        stay = self._stay(person, "51" if sex == MAN else "52", since, False)
        stay.to_on, stay.reason = died, "died"
        return stay

    # What is drawn for a person.

    def _born(self, youngest: int, oldest: int) -> date:
        return self.today - timedelta(days=self.dice.randint(youngest * 366, oldest * 365))

    def _married(self) -> str:
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

    # The door's own facts.

    def _own(self, home: Household) -> None:
        heads = [stay.person for stay in home.present() if stay.is_head]
        if home.occupancy == "own" and heads:
            home.owner_name, home.owner_phone = heads[0].name, heads[0].phone
        elif self.dice.random() < 0.93:
            home.owner_name = self.names.full(self.dice.choice((MAN, WOMAN)), self.dice.randint(1952, 1992))
            home.owner_phone = self.phone() if self.dice.random() < 0.88 else None
        if home.occupancy == "rented":
            home.rental_use = {"dwelling": "02", "shop": "03", "office": "04"}.get(home.door.use, "05")
            home.landlord_duty = self.dice.random() < 0.83
        if home.door.use == "shop" and home.occupancy != "vacant":
            home.note = self.dice.choice(SHOPS)
        if home.door.use == "dwelling" and heads and self.dice.random() < 0.45:
            home.emergency_name = _surname(heads[0].name) + self.names.given(self.dice.choice((MAN, WOMAN)), 1978)
            home.emergency_phone = self.phone()
        if self.dice.random() < 0.12:
            home.door.layout = None

    def _file(self, home: Household) -> None:
        if home.occupancy == "vacant" or self.dice.random() < 0.06:
            return
        home.filed_on = self.today - timedelta(days=self.dice.randint(200, 1400))
        if self.dice.random() < 0.8:
            home.verified_on = self.today - timedelta(days=self.dice.randint(1, 330))
        home.safe_family = None if home.door.use != "dwelling" else self.dice.random() < 0.96


JOBS = (
    ("教师", "柳溪小学"), ("教师", "市第四中学"), ("护士", "区人民医院"), ("医生", "区人民医院"), ("会计", "江城商贸公司"),
    ("程序员", "云帆软件"), ("程序员", "恒信科技"), ("销售", "江城商贸公司"), ("外卖骑手", None), ("快递员", "顺达快递"),
    ("网约车司机", None), ("公交司机", "市公交三公司"), ("厨师", "老街饭庄"), ("服务员", "老街饭庄"), ("保洁员", "洁美家政"),
    ("保安", "安盾物业"), ("电工", "安盾物业"), ("工人", "汽车零部件厂"), ("工人", "纺织机械厂"), ("技术员", "汽车零部件厂"),
    ("个体经营", None), ("个体经营", None), ("建筑工人", "宏业建筑"), ("设计师", "一尺设计"), ("公务员", "区政府"),
    ("银行职员", "江城银行"), ("收银员", "清风超市"), ("理发师", "美丽人生理发店"), ("育儿嫂", None), ("自由职业", None),
)  # fmt: skip
LEARNED = frozenset({"教师", "护士", "医生", "会计", "程序员", "设计师", "公务员", "银行职员"})
SHOPS = (
    "清风便民超市", "老王热干面", "柳溪大药房", "小芳理发店", "顺达快递驿站", "五金水电维修", "鲜果园水果店", "阳光文具店", "邻里早餐",
    "川味小馆", "干洗店", "房屋中介门店", "手机维修", "社区菜店", "豆腐坊", "奶茶店", "裁缝铺", "电动车修理", "粮油店", "面包坊",
)  # fmt: skip


def _weighted(shapes: tuple[tuple[int, str], ...]) -> tuple[list[str], list[int]]:
    return [name for _, name in shapes], list(accumulate(weight for weight, _ in shapes))


def _surname(name: str) -> str:
    if "·" in name:
        return ""
    double = ("欧阳", "尉迟", "上官", "司马", "诸葛", "令狐", "皇甫", "长孙")
    return name[:2] if name.startswith(double) else name[:1]


def _child_code(sex: str, nth: int, count: int) -> str:
    """GB/T 4761: an only child, or the first and the second of its sex."""
    if count == 1:
        return "21" if sex == MAN else "31"
    return ("22", "23")[nth] if sex == MAN else ("32", "33")[nth]


def _bounded(born: date, today: date) -> date:
    return min(born, today - timedelta(days=20 * 366))
