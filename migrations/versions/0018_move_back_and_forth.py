"""Let entries be taken back, people be merged, words be learnt, exports be agreed to, and say where somebody went."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("audit_entry", sa.Column("undoes_id", sa.Integer(), nullable=True))
    op.add_column("audit_entry", sa.Column("part_of_id", sa.Integer(), nullable=True))
    op.create_index(
        "uq_audit_entry_undoes",
        "audit_entry",
        ["undoes_id"],
        unique=True,
        sqlite_where=sa.text("undoes_id IS NOT NULL"),
        postgresql_where=sa.text("undoes_id IS NOT NULL"),
    )
    op.add_column("person", sa.Column("merged_into_id", sa.Integer(), nullable=True))
    op.add_column("floating", sa.Column("went_to", sa.String(100), nullable=True))
    op.create_table(
        "known_apart",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_known_apart_community_id_community")),
        sa.ForeignKeyConstraint(["first_id"], ["person.id"], name=op.f("fk_known_apart_first_id_person")),
        sa.ForeignKeyConstraint(["second_id"], ["person.id"], name=op.f("fk_known_apart_second_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_apart")),
    )
    op.create_index("ix_known_apart_first_id_second_id", "known_apart", ["first_id", "second_id"], unique=True)
    op.create_index("ix_known_apart_community_id", "known_apart", ["community_id"])
    op.create_table(
        "learnt_word",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("said", sa.String(60), nullable=False),
        sa.Column("means", sa.String(60), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_learnt_word_community_id_community")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learnt_word")),
    )
    op.create_index(
        "ix_learnt_word_community_id_kind_said", "learnt_word", ["community_id", "kind", "said"], unique=True
    )
    op.create_table(
        "column_set",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(16), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(50), nullable=False),
        sa.Column("subject", sa.String(30), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_column_set_community_id_community")),
        sa.ForeignKeyConstraint(["made_by"], ["user_account.id"], name=op.f("fk_column_set_made_by_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_column_set")),
        sa.UniqueConstraint("public_id", name=op.f("uq_column_set_public_id")),
    )
    op.create_index("ix_column_set_community_id_subject", "column_set", ["community_id", "subject"])
    op.create_table(
        "export_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(16), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(30), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("n_rows", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_agreed", sa.Boolean(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_export_request_community_id_community")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["user_account.id"], name=op.f("fk_export_request_asked_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["user_account.id"], name=op.f("fk_export_request_answered_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_request")),
        sa.UniqueConstraint("public_id", name=op.f("uq_export_request_public_id")),
    )
    op.create_index("ix_export_request_community_id_asked_at", "export_request", ["community_id", "asked_at"])


def downgrade() -> None:
    for table in ("export_request", "column_set", "learnt_word", "known_apart"):
        op.drop_table(table)
    op.drop_column("floating", "went_to")
    op.drop_column("person", "merged_into_id")
    op.drop_index("uq_audit_entry_undoes", "audit_entry")
    op.drop_column("audit_entry", "part_of_id")
    op.drop_column("audit_entry", "undoes_id")
