"""Grow visits: colleagues who came along, photos, what was brought."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("visit") as batch:
        batch.add_column(sa.Column("gift", sa.String(60), nullable=True))
    op.create_table(
        "visit_worker",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_visit_worker_visit_id_visit")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_visit_worker_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_worker")),
    )
    op.create_index("ix_visit_worker_visit_id_user_id", "visit_worker", ["visit_id", "user_id"], unique=True)
    op.create_index("ix_visit_worker_user_id", "visit_worker", ["user_id"])
    op.create_table(
        "visit_photo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(16), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_visit_photo_community_id_community")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_visit_photo_visit_id_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_photo")),
        sa.UniqueConstraint("public_id", name=op.f("uq_visit_photo_public_id")),
    )
    op.create_index("ix_visit_photo_visit_id", "visit_photo", ["visit_id"])
    op.create_index("ix_visit_photo_community_id", "visit_photo", ["community_id"])


def downgrade() -> None:
    op.drop_table("visit_photo")
    op.drop_table("visit_worker")
    with op.batch_alter_table("visit") as batch:
        batch.drop_column("gift")
