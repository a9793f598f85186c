"""Gives the invented people the tags their lives suggest: who is old and alone, who served, who is out of work."""

from collections.abc import Iterable
from datetime import date
from random import Random

from grid.demo.people import MAN, Household, Person

RESTRICTED = ("mental_disorder", "released", "community_correction", "drug_rehabilitation")
CARE = frozenset(
    {"low_income", "extreme_poverty", "disabled", "living_alone", "incapacitated", "child_in_need", "left_behind"}
)


def tag_all(homes: list[Household], dice: Random, today: date) -> None:
    """Tag everyone, then mark the homes whose people need care. Restricted tags never show in that mark."""
    for home in homes:
        for stay in home.present():
            stay.person.tags += [tag for tag in _open_tags(stay.person, dice, today) if tag not in stay.person.tags]
        tags = {tag for stay in home.present() for tag in stay.person.tags}
        if tags & CARE:
            home.family_kind = "focus" if tags & {"extreme_poverty", "incapacitated"} else "care"
    _restricted(homes, dice, today)


def _open_tags(person: Person, dice: Random, today: date) -> Iterable[str]:
    age, toss = person.age(today), dice.random
    if person.political == "01":
        yield "party_member"
    if age >= 80:
        yield "aged_80"
    if 18 <= age <= 72 and toss() < 0.032:
        yield "volunteer"
    if 30 <= age <= 75 and toss() < 0.008:
        yield "resident_delegate"
    if person.sex == MAN and 22 <= age <= 85 and toss() < 0.055:
        yield "veteran"
    if person.occupation == "退休" and toss() < 0.22:
        yield "retired"
    if person.occupation is None and 22 <= age < 55 and toss() < 0.28:
        yield "unemployed"
    if age < 16 and toss() < 0.006:
        yield "child_in_need"
    yield from _hardship(person, age, dice)


def _hardship(person: Person, age: int, dice: Random) -> Iterable[str]:
    if dice.random() < (0.03 if age > 60 else 0.014):
        person.health = dice.choice(("61", "62", "64", "64", "65"))
        yield "disabled"
    if dice.random() < (0.022 if age > 60 else 0.008):
        yield "low_income"
    if age > 60 and dice.random() < 0.004:
        yield "extreme_poverty"
    if age > 74 and dice.random() < 0.05:
        yield "incapacitated"


def _restricted(homes: list[Household], dice: Random, today: date) -> None:
    grown = [stay.person for home in homes for stay in home.present() if 20 < stay.person.age(today) < 66]
    for i, person in enumerate(dice.sample(grown, min(len(grown), max(4, min(len(grown) // 400, 15))))):
        person.tags.append(RESTRICTED[i % len(RESTRICTED)])
