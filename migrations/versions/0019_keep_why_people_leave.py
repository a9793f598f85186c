"""Keep why somebody of the floating register left, beside why they came."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("floating", sa.Column("left_reason", sa.String(4), nullable=True))


def downgrade() -> None:
    op.drop_column("floating", "left_reason")
