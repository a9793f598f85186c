"""flask user add: an account from the command line, the first administrator of a fresh install too."""

import click
from flask import Flask
from flask.cli import AppGroup

from grid.accounts.models import ROLES
from grid.core.clock import today
from grid.core.forms import clean
from grid.core.i18n import _
from grid.core.refusals import Refused
from grid.register.actions import CommunityEntry, add_community
from grid.register.models import Community
from grid.register.queries import community_named
from grid.staff import actions, queries

user = AppGroup("user", help="Accounts.")


def register(app: Flask) -> None:
    app.cli.add_command(user)


@user.command()
@click.option("--login", required=True, help="What is typed to log in.")
@click.option("--name", required=True, help="The person's name.")
@click.option("--role", required=True, type=click.Choice(ROLES))
@click.option("--community", help="By name. The first administrator may name one that does not exist yet, or none.")
@click.option("--block", type=int, help="A block by its number: for grid workers.")
@click.option("--building", help="A building by what stands on its wall: for workers and heads.")
def add(login: str, name: str, role: str, community: str | None, block: int | None, building: str | None) -> None:
    """Add an account and print its first password, once."""
    entry = actions.NewAccount(clean(login).lower(), clean(name), role)
    try:
        _made, password = actions.add_account(None, entry, _patches(role, community, block, building))
    except Refused as refusal:
        raise click.ClickException(refusal.sentence) from None
    click.echo(_("账号 %(login)s，密码 %(password)s", login=entry.login, password=password))
    click.echo(_("密码只显示这一次，请抄下来交给本人。"))


def _patches(role: str, community: str | None, block: int | None, building: str | None) -> actions.HandOut | None:
    if community is None:
        if role != "administrator":
            raise Refused(_("请用 --community 说明是哪个社区。"))
        # The first administrator makes the community after logging in.
        return None
    found = _community(clean(community), role)
    return actions.HandOut(
        found.id,
        today(),
        block_ids=[_block(found, block)] if block is not None else [],
        building_ids=[_building(found, building)] if building is not None else [],
    )


def _community(name: str, role: str) -> Community:
    found = community_named(name)
    if found is not None:
        return found
    if role == "administrator" and not queries.any_community():
        return add_community(None, CommunityEntry(name))
    raise Refused(_("没有叫“%(name)s”的社区。", name=name))


def _block(community: Community, seq: int) -> int:
    found = queries.block_of(community.id, seq)
    if found is None:
        raise Refused(_("%(name)s 没有第 %(seq)s 片区。", name=community.name, seq=seq))
    return found.id


def _building(community: Community, no: str) -> int:
    found = queries.building_of(community.id, no)
    if found is None:
        raise Refused(_("%(name)s 没有 %(no)s 幢。", name=community.name, no=no))
    return found.id
