"""Add the floating register: who came or went for a while, and the permit."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "floating",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(16), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("direction", sa.String(4), nullable=False),
        sa.Column("reason", sa.String(4), nullable=True),
        sa.Column("permit_kind", sa.String(4), nullable=True),
        sa.Column("permit_no", sa.String(255), nullable=True),
        sa.Column("registered_on", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("dwelling_kind", sa.String(4), nullable=True),
        sa.Column("employed_by", sa.String(100), nullable=True),
        sa.Column("rented_by", sa.String(100), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_floating_community_id_community")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_floating_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_floating")),
        sa.UniqueConstraint("public_id", name=op.f("uq_floating_public_id")),
    )
    op.create_index("ix_floating_community_id_expires_on", "floating", ["community_id", "expires_on"])
    op.create_index("ix_floating_person_id", "floating", ["person_id"])


def downgrade() -> None:
    op.drop_table("floating")
