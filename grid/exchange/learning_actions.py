"""A committee says once what the words in its files mean, or that they mean nothing; and takes it back."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from grid.accounts import audit
from grid.accounts.models import Me
from grid.core.db import db
from grid.exchange.models import LearntWord
from grid.exchange.queries import learnt_words
from grid.register.models import Community


@dataclass(frozen=True)
class WordEntry:
    """As the row: kind, the word as it stands in files, and the field, code or label that it means."""

    kind: str
    said: str
    means: str


def learn_words(actor: Me, community_id: int, entries: Sequence[WordEntry]) -> None:
    """What was said of a word before gives way."""
    told = "、".join(entry.said for entry in entries)
    with audit.entry(actor, "learn_words", community_id=community_id, words=told[:400]):
        # Two who answer at once must not both find a word missing.
        held = select(Community.id).where(Community.id == community_id).with_for_update(key_share=True)
        db.session.execute(held).all()
        there = {(word.kind, word.said): word for word in learnt_words(community_id)}
        for entry in entries:
            known = there.get((entry.kind, entry.said))
            if known:
                known.means = entry.means
            else:
                word = LearntWord(community_id=community_id, kind=entry.kind, said=entry.said, means=entry.means)
                there[entry.kind, entry.said] = word
                db.session.add(word)


def forget_word(actor: Me, community_id: int, kind: str, said: str) -> None:
    """Forgetting twice is forgetting."""
    for word in learnt_words(community_id):
        if (word.kind, word.said) == (kind, said):
            with audit.entry(actor, "forget_word", community_id=community_id, words=said):
                db.session.delete(word)
