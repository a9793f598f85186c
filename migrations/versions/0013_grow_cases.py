"""Grow cases: parties, a timeline, where they lie, mediation, revisit; and weekly screenings."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "screening",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(16), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("block_id", sa.Integer(), nullable=True),
        sa.Column("week_on", sa.Date(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("is_zero", sa.Boolean(), nullable=False),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["block_id"], ["block.id"], name=op.f("fk_screening_block_id_block")),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_screening_by_id_user_account")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_screening_community_id_community")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening")),
        sa.UniqueConstraint("public_id", name=op.f("uq_screening_public_id")),
    )
    op.create_index("ix_screening_block_id", "screening", ["block_id"])
    op.create_index("ix_screening_community_id_week_on", "screening", ["community_id", "week_on"])
    op.create_table(
        "case_party",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(10), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(50), nullable=False),
        sa.Column("phone", sa.String(255), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_case_party_case_id_case_file")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_case_party_community_id_community")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_case_party_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_party")),
    )
    op.create_index("ix_case_party_case_id", "case_party", ["case_id"])
    op.create_index("ix_case_party_community_id", "case_party", ["community_id"])
    op.create_index("ix_case_party_person_id", "case_party", ["person_id"])
    op.create_table(
        "case_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(12), nullable=True),
        sa.Column("outcome", sa.String(10), nullable=True),
        sa.Column("to_level", sa.String(10), nullable=True),
        sa.Column("to_id", sa.Integer(), nullable=True),
        sa.Column("satisfaction", sa.String(6), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_case_step_by_id_user_account")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_case_step_case_id_case_file")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_case_step_community_id_community")),
        sa.ForeignKeyConstraint(["to_id"], ["user_account.id"], name=op.f("fk_case_step_to_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_step")),
    )
    op.create_index("ix_case_step_case_id_at", "case_step", ["case_id", "at"])
    op.create_index("ix_case_step_community_id_at", "case_step", ["community_id", "at"])
    with op.batch_alter_table("case_file") as batch:
        batch.add_column(sa.Column("place", sa.String(100), nullable=True))
        batch.add_column(sa.Column("screening_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("dispute_type", sa.String(4), nullable=True))
        batch.add_column(sa.Column("incident", sa.String(10), nullable=True))
        batch.add_column(sa.Column("scale", sa.String(4), nullable=True))
        batch.add_column(sa.Column("level", sa.String(4), nullable=True))
        batch.add_column(sa.Column("lies_at", sa.String(10), nullable=False, server_default="community"))
        batch.add_column(sa.Column("level_reached", sa.String(10), nullable=False, server_default="community"))
        batch.add_column(sa.Column("method", sa.String(12), nullable=True))
        batch.add_column(sa.Column("outcome", sa.String(10), nullable=True))
        batch.add_column(sa.Column("revisit_on", sa.Date(), nullable=True))
        batch.add_column(sa.Column("satisfaction", sa.String(6), nullable=True))
        batch.alter_column("building_id", existing_type=sa.Integer(), nullable=True)
        batch.create_foreign_key("fk_case_file_screening_id_screening", "screening", ["screening_id"], ["id"])
    with op.batch_alter_table("case_file") as batch:
        batch.alter_column("lies_at", existing_type=sa.String(10), server_default=None)
        batch.alter_column("level_reached", existing_type=sa.String(10), server_default=None)
    op.create_index("ix_case_file_community_id_at", "case_file", ["community_id", "at"])
    op.create_index("ix_case_file_screening_id", "case_file", ["screening_id"])


def downgrade() -> None:
    op.drop_index("ix_case_file_screening_id", "case_file")
    op.drop_index("ix_case_file_community_id_at", "case_file")
    op.execute("DELETE FROM case_party WHERE case_id IN (SELECT id FROM case_file WHERE building_id IS NULL)")
    op.execute("DELETE FROM case_step WHERE case_id IN (SELECT id FROM case_file WHERE building_id IS NULL)")
    op.execute("DELETE FROM case_file WHERE building_id IS NULL")
    with op.batch_alter_table("case_file") as batch:
        batch.drop_constraint("fk_case_file_screening_id_screening", type_="foreignkey")
        batch.alter_column("building_id", existing_type=sa.Integer(), nullable=False)
        for name in (
            "satisfaction",
            "revisit_on",
            "outcome",
            "method",
            "level_reached",
            "lies_at",
            "level",
            "scale",
            "incident",
            "dispute_type",
            "screening_id",
            "place",
        ):
            batch.drop_column(name)
    op.drop_table("case_step")
    op.drop_table("case_party")
    op.drop_table("screening")
