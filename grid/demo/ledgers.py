"""A ledger that the invented committee made for itself."""

from grid.core.db import db
from grid.ledgers.models import LedgerDefinition


def write_ledgers(community_id: int, administrator_id: int) -> None:
    db.session.add(
        LedgerDefinition(
            community_id=community_id,
            title="上门没人和拒访登记",
            source="visits",
            columns=["at", "estate", "door", "worker", "found", "content", "due_on"],
            filter={"found": ["nobody", "refused"]},
            period="month",
            signatures=["网格员", "社区书记"],
            made_by=administrator_id,
        )
    )
