"""Add editions: a household's sheet as it was printed, found by the token of its QR code."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "edition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(22), nullable=False),
        sa.Column("print_id", sa.Integer(), nullable=False),
        sa.Column("household_id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_edition_community_id_community")),
        sa.ForeignKeyConstraint(["print_id"], ["print.id"], name=op.f("fk_edition_print_id_print")),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_edition_household_id_household")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition")),
        sa.UniqueConstraint("token", name=op.f("uq_edition_token")),
    )
    op.create_index("ix_edition_community_id", "edition", ["community_id"])
    op.create_index("ix_edition_household_id_id", "edition", ["household_id", "id"])
    op.create_index("ix_edition_print_id", "edition", ["print_id"])


def downgrade() -> None:
    op.drop_table("edition")
