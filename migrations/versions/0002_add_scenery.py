"""Add scenery: roads, water and green between the houses."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("community") as batch:
        batch.add_column(sa.Column("scenery", sa.JSON(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("community") as batch:
        batch.drop_column("scenery")
