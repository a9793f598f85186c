"""Add cases: what somebody looks after until it is closed."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(16), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("building_id", sa.Integer(), nullable=False),
        sa.Column("household_id", sa.Integer(), nullable=True),
        sa.Column("visit_id", sa.Integer(), nullable=True),
        sa.Column("no", sa.String(12), nullable=False),
        sa.Column("type", sa.String(10), nullable=False),
        sa.Column("source", sa.String(10), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_case_file_community_id_community")),
        sa.ForeignKeyConstraint(["building_id"], ["building.id"], name=op.f("fk_case_file_building_id_building")),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_case_file_household_id_household")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_case_file_visit_id_visit")),
        sa.ForeignKeyConstraint(["owner_id"], ["user_account.id"], name=op.f("fk_case_file_owner_id_user_account")),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_case_file_recorded_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_file")),
        sa.UniqueConstraint("public_id", name=op.f("uq_case_file_public_id")),
    )
    op.create_index("ix_case_file_community_id_no", "case_file", ["community_id", "no"], unique=True)
    op.create_index("ix_case_file_household_id", "case_file", ["household_id"])
    op.create_index("ix_case_file_building_id", "case_file", ["building_id"])
    op.create_index(
        "ix_case_file_open",
        "case_file",
        ["owner_id", "due_on"],
        sqlite_where=sa.text("closed_on IS NULL"),
        postgresql_where=sa.text("closed_on IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("case_file")
