"""Say what is due: an index of contact rules by their day, and the hours at which a door was found open.

Both are summed up from the visits: `flask db upgrade` leaves them empty, `flask summaries` fills them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OPEN = sa.text("until IS NULL AND next_due IS NOT NULL")


def upgrade() -> None:
    with op.batch_alter_table("household") as batch:
        batch.add_column(sa.Column("home_hours", sa.String(10), nullable=True))
    op.create_index(
        "ix_person_tag_due", "person_tag", ["community_id", "next_due"], sqlite_where=OPEN, postgresql_where=OPEN
    )


def downgrade() -> None:
    op.drop_index("ix_person_tag_due", "person_tag")
    with op.batch_alter_table("household") as batch:
        batch.drop_column("home_hours")
