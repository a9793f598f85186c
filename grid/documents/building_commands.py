"""flask print elevation, contacts, notice, network."""

from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from grid.accounts.models import Scope
from grid.atlas.layers import LAYERS
from grid.core.i18n import _
from grid.documents import actions, elevation_paper, network_paper, notice_paper
from grid.documents.commands import _write, community_named
from grid.documents.contacts_paper import CONTACTS, needs_reason, reason_refused
from grid.documents.papers import Options, Paper
from grid.documents.sheets import draw_paper
from grid.register.addresses import same_no
from grid.register.models import Building, Community
from grid.register.queries import buildings

out = click.option("--out", type=click.Path(path_type=Path), required=True, help="A PDF file.")
community = click.option("--community", help="Its name, where there are several.")


def register(group: AppGroup) -> None:
    for command in (print_elevation, print_contacts, print_notice, print_network):
        group.add_command(command)


@click.command("elevation")
@click.argument("number")
@click.option("--size", type=click.Choice(elevation_paper.SIZES), help="Whatever can be read, where it is not given.")
@click.option("--layer", type=click.Choice(LAYERS), help="Colour the doors by this layer.")
@out
@community
def print_elevation(number: str, size: str | None, layer: str | None, **where: Any) -> None:
    """Print the elevation (楼盘表) of building NUMBER."""
    _of_building(elevation_paper.ELEVATION, number, {"size": size, "layer": layer}, **where)


@click.command("contacts")
@click.argument("number")
@click.option("--full", is_flag=True, help="Whole phone numbers; needs --reason.")
@click.option("--reason", default="", help="What the list is for; it stands in the print log.")
@out
@community
def print_contacts(number: str, full: bool, reason: str, **where: Any) -> None:
    """Print the contact list (住户信息联系表) of building NUMBER."""
    options = {"phones": "full" if full else "masked", "reason": reason.strip()[:200]}
    if needs_reason(options):
        raise click.ClickException(reason_refused().sentence)
    _of_building(CONTACTS, number, options, **where)


@click.command("notice")
@click.argument("number")
@click.option("--size", type=click.Choice(tuple(notice_paper.SIZES)), default="A4")
@out
@community
def print_notice(number: str, size: str, **where: Any) -> None:
    """Print the notice board (公示牌) of building NUMBER."""
    _of_building(notice_paper.NOTICE, number, {"size": size}, **where)


@click.command("network")
@click.option("--size", type=click.Choice(tuple(network_paper.SIZES)), default="A3")
@click.option("--variant", type=click.Choice(network_paper.VARIANTS), default="internal")
@out
@community
def print_network(size: str, variant: str, out: Path, community: str | None) -> None:
    """Print the four-level network chart (综治四级管理网络)."""
    place = community_named(community)
    entry = actions.PrintEntry("network", place.id, about=place.name)
    _print(network_paper.NETWORK, entry, place.id, {"size": size, "variant": variant}, out)


def _of_building(paper: Paper, number: str, options: Options, out: Path, community: str | None) -> None:
    place = community_named(community)
    house = _building(place, number)
    about, reason = _("%(no)s幢", no=house.no), str(options.get("reason") or "")
    _print(paper, actions.PrintEntry(paper.kind, place.id, reason=reason, about=about), house.id, options, out)


def _building(place: Community, number: str) -> Building:
    for found in buildings(Scope(communities=(place.id,)), place.id):
        if same_no(found.no) == same_no(number.removesuffix("幢").removesuffix("栋")):
            return found
    raise click.ClickException(_("%(name)s没有 %(no)s 幢。", name=place.name, no=number))


def _print(paper: Paper, entry: actions.PrintEntry, one: int, options: Options, out: Path) -> None:
    scope, by = Scope(communities=(entry.community_id,)), _("命令行")
    _write(entry, lambda number: draw_paper(paper, scope, [one], by, number, options), out)
