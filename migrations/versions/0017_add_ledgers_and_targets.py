"""Add ledgers of the committee's own, targets, figures typed by hand, and the year plan."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hand_figure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("indicator", sa.String(40), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("numerator", sa.Float(), nullable=False),
        sa.Column("denominator", sa.Float(), nullable=True),
        sa.Column("origin", sa.String(100), nullable=True),
        sa.Column("entered_by", sa.Integer(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_hand_figure_community_id_community")),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["user_account.id"], name=op.f("fk_hand_figure_entered_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_figure")),
    )
    op.create_index(
        "ix_hand_figure_community_id_indicator_as_of", "hand_figure", ["community_id", "indicator", "as_of"]
    )
    op.create_table(
        "ledger_definition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(16), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(50), nullable=False),
        sa.Column("source", sa.String(30), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("filter_by", sa.JSON(), nullable=False),
        sa.Column("period", sa.String(10), nullable=True),
        sa.Column("signatures", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_ledger_definition_community_id_community")
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["user_account.id"], name=op.f("fk_ledger_definition_made_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_definition")),
        sa.UniqueConstraint("public_id", name=op.f("uq_ledger_definition_public_id")),
    )
    op.create_index("ix_ledger_definition_community_id", "ledger_definition", ["community_id"])
    op.create_table(
        "target",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(16), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("indicator", sa.String(40), nullable=False),
        sa.Column("plan", sa.String(10), nullable=False),
        sa.Column("words", sa.String(100), nullable=True),
        sa.Column("comparator", sa.String(10), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_target_community_id_community")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target")),
        sa.UniqueConstraint("public_id", name=op.f("uq_target_public_id")),
    )
    op.create_index("ix_target_community_id_year_indicator", "target", ["community_id", "year", "indicator"])
    op.create_table(
        "year_duty",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(16), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("plan", sa.String(10), nullable=True),
        sa.Column("rhythm", sa.String(12), nullable=False),
        sa.Column("months", sa.JSON(), nullable=True),
        sa.Column("dates", sa.JSON(), nullable=True),
        sa.Column("counted", sa.JSON(), nullable=True),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_year_duty_community_id_community")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_year_duty")),
        sa.UniqueConstraint("public_id", name=op.f("uq_year_duty_public_id")),
    )
    op.create_index("ix_year_duty_community_id_year", "year_duty", ["community_id", "year"])
    op.create_table(
        "duty_tick",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("duty_id", sa.Integer(), nullable=False),
        sa.Column("period_on", sa.Date(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_duty_tick_by_id_user_account")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_duty_tick_community_id_community")),
        sa.ForeignKeyConstraint(["duty_id"], ["year_duty.id"], name=op.f("fk_duty_tick_duty_id_year_duty")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_tick")),
    )
    op.create_index("ix_duty_tick_community_id", "duty_tick", ["community_id"])
    op.create_index("ix_duty_tick_duty_id_period_on", "duty_tick", ["duty_id", "period_on"], unique=True)


def downgrade() -> None:
    op.drop_table("duty_tick")
    op.drop_table("year_duty")
    op.drop_table("target")
    op.drop_table("ledger_definition")
    op.drop_table("hand_figure")
