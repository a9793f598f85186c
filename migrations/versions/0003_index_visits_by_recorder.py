"""Index visits by who recorded them when: 今天 counts a worker's visits of the day."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("visit") as batch:
        batch.create_index("ix_visit_worker_id_recorded_at", ["worker_id", "recorded_at"])


def downgrade() -> None:
    with op.batch_alter_table("visit") as batch:
        batch.drop_index("ix_visit_worker_id_recorded_at")
