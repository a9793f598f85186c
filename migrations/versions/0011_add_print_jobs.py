"""Add batches of prints, and how many sheets a print has."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("print") as batch:
        batch.add_column(sa.Column("sheets", sa.Integer(), nullable=False, server_default="1"))
        batch.add_column(sa.Column("about", sa.String(200), nullable=False, server_default=""))
    with op.batch_alter_table("print") as batch:
        batch.alter_column("sheets", server_default=None)
        batch.alter_column("about", server_default=None)
    op.create_table(
        "print_job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(16), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("print_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("split", sa.Boolean(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("message", sa.String(300), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_print_job_community_id_community")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_print_job_user_id_user_account")),
        sa.ForeignKeyConstraint(["print_id"], ["print.id"], name=op.f("fk_print_job_print_id_print")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_job")),
        sa.UniqueConstraint("public_id", name=op.f("uq_print_job_public_id")),
    )
    op.create_index("ix_print_job_community_id", "print_job", ["community_id"])
    op.create_index("ix_print_job_state", "print_job", ["state"])
    op.create_index("ix_print_job_user_id_made_at", "print_job", ["user_id", "made_at"])
    op.create_table(
        "print_part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("building_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("taken_by", sa.String(40), nullable=True),
        sa.Column("taken_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("missing", sa.JSON(), nullable=True),
        sa.Column("pdf", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_print_part_community_id_community")),
        sa.ForeignKeyConstraint(["job_id"], ["print_job.id"], name=op.f("fk_print_part_job_id_print_job")),
        sa.ForeignKeyConstraint(["building_id"], ["building.id"], name=op.f("fk_print_part_building_id_building")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_part")),
    )
    op.create_index("ix_print_part_community_id", "print_part", ["community_id"])
    op.create_index("ix_print_part_job_id_seq", "print_part", ["job_id", "seq"], unique=True)
    op.create_index("ix_print_part_state_seq", "print_part", ["state", "seq"])


def downgrade() -> None:
    op.drop_table("print_part")
    op.drop_table("print_job")
    with op.batch_alter_table("print") as batch:
        batch.drop_column("about")
        batch.drop_column("sheets")
