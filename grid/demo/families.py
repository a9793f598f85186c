"""Fills the doors of the demo community with families as they live: who came when, who rents, who has left."""

from datetime import date, timedelta
from itertools import accumulate
from random import Random

from grid.demo.doors import Door
from grid.demo.people import ELSEWHERE, MAN, REGIONS, WOMAN, Household, Lives, Person, Stay, surname_of

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
        self.lives = Lives(dice, today, phones)
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
        if self.dice.random() < {"rented": 0.16, "vacant": 0.3}.get(home.occupancy, 0.006):
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
        elder = self.lives.person(sex, self.lives.born(66, 93), marital="30")
        return [self._stay(elder, "02", since, rented, head=True)]

    def _elder_couple(self, since: date, rented: bool) -> list[Stay]:
        return self._pair(self.lives.born(62, 88), since, rented)

    def _alone(self, since: date, rented: bool) -> list[Stay]:
        sex = self.dice.choice((MAN, WOMAN))
        born = self.lives.born(21, 38) if rented else self.lives.born(26, 60)
        marital = "10" if self.dice.random() < 0.7 else "40"
        return [self._stay(self.lives.person(sex, born, marital=marital), "02", since, rented, head=True)]

    def _couple(self, since: date, rented: bool) -> list[Stay]:
        return self._pair(self.lives.born(24, 40), since, rented)

    def _one_child(self, since: date, rented: bool) -> list[Stay]:
        pair = self._pair(self.lives.born(27, 48), since, rented)
        return pair + self._children(pair, 1, since, rented)

    def _two_children(self, since: date, rented: bool) -> list[Stay]:
        pair = self._pair(self.lives.born(31, 46), since, rented)
        return pair + self._children(pair, 2, since, rented)

    def _three_generations(self, since: date, rented: bool) -> list[Stay]:
        pair = self._pair(self.lives.born(30, 46), since, rented)
        family = pair + self._children(pair, 1 if self.dice.random() < 0.7 else 2, since, rented)
        head = pair[0].person
        sides = ("51", "52") if self.dice.random() < 0.72 else ("55", "56")
        surname = surname_of(head.name) if sides[0] == "51" else surname_of(pair[1].person.name)
        both = self.dice.random() < 0.6
        for relation in sides if both else (self.dice.choice(sides),):
            sex = MAN if relation in ("51", "55") else WOMAN
            born = head.birth - timedelta(days=self.dice.randint(22 * 365, 31 * 365))
            elder = self.lives.person(sex, born, surname if sex == MAN else "", "20" if both else "30")
            family.append(self._stay(elder, relation, since, rented))
        return family

    def _single_parent(self, since: date, rented: bool) -> list[Stay]:
        sex = WOMAN if self.dice.random() < 0.75 else MAN
        person = self.lives.person(sex, self.lives.born(30, 47), marital="40")
        parent = self._stay(person, "02", since, rented, head=True)
        return [parent, *self._children([parent], 1, since, rented)]

    def _grown_child(self, since: date, rented: bool) -> list[Stay]:
        pair = self._pair(self.lives.born(50, 62), since, rented)
        head = pair[0].person
        sex = self.dice.choice((MAN, WOMAN))
        born = head.birth + timedelta(days=self.dice.randint(23 * 365, 28 * 365))
        child = self.lives.person(sex, born, surname_of(head.name), "10")
        return [*pair, self._stay(child, "20" if sex == MAN else "30", since, rented)]

    def _grandparents_child(self, since: date, rented: bool) -> list[Stay]:
        """Grandparents with a grandchild whose parents work far away."""
        pair = self._pair(self.lives.born(56, 70), since, rented)
        sex = self.dice.choice((MAN, WOMAN))
        child = self.lives.person(sex, self.lives.born(4, 14), surname_of(pair[0].person.name), "10")
        child.population_kind = "left_behind"
        child.tags.append("left_behind")
        return [*pair, self._stay(child, "41" if sex == MAN else "42", since, rented)]

    def _sharing(self, since: date, rented: bool) -> list[Stay]:
        sex = self.dice.choice((MAN, WOMAN))
        count = self.dice.choice((2, 2, 3, 3, 4))
        sharers = [self.lives.person(sex, self.lives.born(20, 34), marital="10") for _ in range(count)]
        late = [min(self.today, since + timedelta(days=self.dice.randint(0, 150) * (i > 0))) for i in range(count)]
        return [
            self._stay(p, "98" if i else "02", day, True, head=i == 0)
            for i, (p, day) in enumerate(zip(sharers, late, strict=True))
        ]

    def _pair(self, born: date, since: date, rented: bool) -> list[Stay]:
        head_sex = MAN if self.dice.random() < 0.74 else WOMAN
        other = WOMAN if head_sex == MAN else MAN
        apart = self.dice.randint(-500, 1700) * (1 if head_sex == MAN else -1)
        head = self.lives.person(head_sex, born, marital=self.lives.married())
        born = _bounded(born + timedelta(days=apart), self.today)
        spouse = self.lives.person(other, born, marital=head.marital or "20")
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
            child = self.lives.person(sex, born, surname_of(father.name), "10")
            nth = sum(stay.person.sex == sex for stay in children)
            children.append(self._stay(child, _child_code(sex, nth, count), since, rented))
            born += timedelta(days=self.dice.randint(700, 2200))
        return children

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
        guest = self.lives.person(self.dice.choice((MAN, WOMAN)), self.lives.born(19, 30), marital="10")
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
        person = self.lives.person(sex, self.lives.born(74, 95), marital="30")
        person.died_on = died
        since = min(min((s.from_on for s in home.stays), default=died), died - timedelta(days=900))
        stay = self._stay(person, "51" if sex == MAN else "52", since, False)
        stay.to_on, stay.reason = died, "died"
        return stay

    # The door's own facts.

    def _own(self, home: Household) -> None:
        heads = [stay.person for stay in home.present() if stay.is_head]
        if home.occupancy == "own" and heads:
            home.owner_name, home.owner_phone = heads[0].name, heads[0].phone
        elif self.dice.random() < 0.93:
            home.owner_name = self.lives.names.full(self.dice.choice((MAN, WOMAN)), self.dice.randint(1952, 1992))
            home.owner_phone = self.lives.phone() if self.dice.random() < 0.88 else None
        if home.occupancy == "rented":
            home.rental_use = {"dwelling": "02", "shop": "03", "office": "04"}.get(home.door.use, "05")
            home.landlord_duty = self.dice.random() < 0.83
        if home.door.use == "shop" and home.occupancy != "vacant":
            home.note = self.dice.choice(SHOPS)
        if home.door.use == "dwelling" and heads and self.dice.random() < 0.45:
            given = self.lives.names.given(self.dice.choice((MAN, WOMAN)), 1978)
            home.emergency_name = surname_of(heads[0].name) + given
            home.emergency_phone = self.lives.phone()
        if self.dice.random() < 0.12:
            home.door.layout = None

    def _file(self, home: Household) -> None:
        if home.occupancy == "vacant" or self.dice.random() < 0.06:
            return
        home.filed_on = self.today - timedelta(days=self.dice.randint(200, 1400))
        if self.dice.random() < 0.8:
            home.verified_on = self.today - timedelta(days=self.dice.randint(1, 330))
        home.safe_family = None if home.door.use != "dwelling" else self.dice.random() < 0.96


SHOPS = (
    "清风便民超市", "老王热干面", "柳溪大药房", "小芳理发店", "顺达快递驿站", "五金水电维修", "鲜果园水果店",
    "阳光文具店", "邻里早餐",
    "川味小馆", "干洗店", "房屋中介门店", "手机维修", "社区菜店", "豆腐坊", "奶茶店", "裁缝铺", "电动车修理",
    "粮油店", "面包坊",
)  # fmt: skip


def _weighted(shapes: tuple[tuple[int, str], ...]) -> tuple[list[str], list[int]]:
    return [name for _, name in shapes], list(accumulate(weight for weight, _ in shapes))


def _child_code(sex: str, nth: int, count: int) -> str:
    """GB/T 4761: an only child, or the first and the second of its sex."""
    if count == 1:
        return "21" if sex == MAN else "31"
    return ("22", "23")[nth] if sex == MAN else ("32", "33")[nth]


def _bounded(born: date, today: date) -> date:
    return min(born, today - timedelta(days=20 * 366))
