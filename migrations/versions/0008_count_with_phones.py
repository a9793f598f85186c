"""Count with phones: from which one a receipt came, and what each last said of its outbox."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("receipt") as batch:
        batch.add_column(sa.Column("device", sa.String(36), nullable=False, server_default=""))
        batch.create_index("ix_receipt_user_id_at", ["user_id", "at"])
    with op.batch_alter_table("receipt") as batch:
        batch.alter_column("device", server_default=None)
    op.create_table(
        "phone",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(16), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("device", sa.String(36), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("made", sa.Integer(), nullable=False),
        sa.Column("delivered", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.Column("stuck_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("phone_hash", sa.String(64), nullable=False),
        sa.Column("server_hash", sa.String(64), nullable=False),
        sa.Column("differ", sa.JSON(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_phone_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone")),
        sa.UniqueConstraint("public_id", name=op.f("uq_phone_public_id")),
    )
    op.create_index("ix_phone_user_id_device", "phone", ["user_id", "device"], unique=True)


def downgrade() -> None:
    op.drop_table("phone")
    with op.batch_alter_table("receipt") as batch:
        batch.drop_index("ix_receipt_user_id_at")
        batch.drop_column("device")
