"""Let committees define tags: their own fields, who may see them, and a reason to see the restricted."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tag_access",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(100), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_tag_access_community_id_community")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_tag_access_person_id_person")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_tag_access_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag_access")),
    )
    op.create_index("ix_tag_access_community_id", "tag_access", ["community_id"])
    op.create_index("ix_tag_access_person_id", "tag_access", ["person_id"])
    op.create_index("ix_tag_access_user_id_ends_at", "tag_access", ["user_id", "ends_at"])
    with op.batch_alter_table("tag") as batch:
        batch.add_column(sa.Column("fields", sa.JSON(), nullable=True))
        batch.add_column(sa.Column("viewers", sa.JSON(), nullable=True))
        batch.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    with op.batch_alter_table("tag") as batch:
        batch.alter_column("version", existing_type=sa.Integer(), server_default=None)
    with op.batch_alter_table("person_tag") as batch:
        batch.add_column(sa.Column("public_id", sa.String(16), nullable=True))
    _name_person_tags()
    with op.batch_alter_table("person_tag") as batch:
        batch.alter_column("public_id", existing_type=sa.String(16), nullable=False)
        batch.create_unique_constraint("uq_person_tag_public_id", ["public_id"])


def _name_person_tags() -> None:
    connection = op.get_bind()
    person_tag = sa.table("person_tag", sa.column("id"), sa.column("public_id"))
    name = sa.update(person_tag).where(person_tag.c.id == sa.bindparam("of")).values(public_id=sa.bindparam("new"))
    there = [of for (of,) in connection.execute(sa.select(person_tag.c.id))]
    if there:
        connection.execute(name, [{"of": of, "new": secrets.token_hex(8)} for of in there])


def downgrade() -> None:
    with op.batch_alter_table("person_tag") as batch:
        batch.drop_constraint("uq_person_tag_public_id", type_="unique")
        batch.drop_column("public_id")
    with op.batch_alter_table("tag") as batch:
        batch.drop_column("version")
        batch.drop_column("viewers")
        batch.drop_column("fields")
    op.drop_table("tag_access")
