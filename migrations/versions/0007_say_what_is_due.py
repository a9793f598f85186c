"""Say what is due: the hours at which a door was found open, and promises found by community.

The day of the next contact is no longer kept beside a tag: it follows from the visits whenever it is asked for.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OPEN = {
    "sqlite_where": sa.text("closed = 0 AND due_on IS NOT NULL"),
    "postgresql_where": sa.text("NOT closed AND due_on IS NOT NULL"),
}
HOUR = {
    "sqlite": "CAST(strftime('%H', visit.at, '+8 hours') AS INTEGER)",
    "postgresql": "CAST(extract(hour FROM timezone('Asia/Shanghai', visit.at)) AS INTEGER)",
}


def upgrade() -> None:
    with op.batch_alter_table("household") as batch:
        batch.add_column(sa.Column("home_hours", sa.String(10), nullable=True))
    with op.batch_alter_table("person_tag") as batch:
        batch.drop_column("next_due")
    op.drop_index("ix_visit_due", "visit")
    op.create_index("ix_visit_due", "visit", ["community_id", "due_on"], **OPEN)
    _fill_home_hours(HOUR[op.get_bind().dialect.name])


def _fill_home_hours(hour: str) -> None:
    """The part of the day with most visits that found somebody; of equal ones the earliest."""
    part = f"CASE WHEN {hour} < 12 THEN 'morning' WHEN {hour} < 18 THEN 'afternoon' ELSE 'evening' END"
    op.execute(
        f"""UPDATE household SET home_hours = (
            SELECT {part} FROM visit
            WHERE visit.household_id = household.id AND visit.found = 'home' AND visit.deleted_at IS NULL
            GROUP BY {part} ORDER BY count(*) DESC, min({hour}) LIMIT 1)"""
    )


def downgrade() -> None:
    op.drop_index("ix_visit_due", "visit")
    op.create_index("ix_visit_due", "visit", ["worker_id", "due_on"], **OPEN)
    with op.batch_alter_table("person_tag") as batch:
        batch.add_column(sa.Column("next_due", sa.Date(), nullable=True))
    with op.batch_alter_table("household") as batch:
        batch.drop_column("home_hours")
