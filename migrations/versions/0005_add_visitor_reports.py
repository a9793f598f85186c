"""Add visitor reports of building heads, and after how many days they are gone."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "visitor_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(16), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("building_id", sa.Integer(), nullable=False),
        sa.Column("household_id", sa.Integer(), nullable=True),
        sa.Column("reporter_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("headcount", sa.Integer(), nullable=True),
        sa.Column("facts", sa.Text(), nullable=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("handler_id", sa.Integer(), nullable=True),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("purge_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_visitor_report_community_id_community")
        ),
        sa.ForeignKeyConstraint(["building_id"], ["building.id"], name=op.f("fk_visitor_report_building_id_building")),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_visitor_report_household_id_household")
        ),
        sa.ForeignKeyConstraint(
            ["reporter_id"], ["user_account.id"], name=op.f("fk_visitor_report_reporter_id_user_account")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_visitor_report_case_id_case_file")),
        sa.ForeignKeyConstraint(
            ["handler_id"], ["user_account.id"], name=op.f("fk_visitor_report_handler_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visitor_report")),
        sa.UniqueConstraint("public_id", name=op.f("uq_visitor_report_public_id")),
    )
    op.create_index("ix_visitor_report_building_id_state", "visitor_report", ["building_id", "state"])
    op.create_index("ix_visitor_report_reporter_id_reported_at", "visitor_report", ["reporter_id", "reported_at"])
    op.create_index("ix_visitor_report_community_id_purge_on", "visitor_report", ["community_id", "purge_on"])
    with op.batch_alter_table("community") as batch:
        batch.add_column(sa.Column("report_days", sa.Integer(), nullable=False, server_default="30"))
    with op.batch_alter_table("community") as batch:
        batch.alter_column("report_days", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("community") as batch:
        batch.drop_column("report_days")
    op.drop_table("visitor_report")
