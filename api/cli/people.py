"""Commands that say who may do what: keys, members, and who may reach the database itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from api.cli.options import MOMENT, ROLES, Grouped, command, moment

if TYPE_CHECKING:
    from api.commands.session import Session


@click.group(cls=Grouped)
def key() -> None:
    """Make, list and revoke the keys with which the HTTP interface is used; show the one that signs receipts."""


@key.command("new")
@click.option("--name", required=True, metavar="TEXT", help="Whose key it is, for example «finance office».")
@click.option("--role", "roles", multiple=True, type=click.Choice(ROLES), default=("finance-officer",),
              show_default=True, help="What it may do; may be given several times.")
@click.option("--partner", default="", metavar="P",
              help="Bound to what this partner, by its id in the agreement, may see.")
@click.option("--holder", default="", metavar="NAME", help="The person who holds it: two keys of one are one person.")
@click.option("--expires", callback=moment, metavar="TIME", help=f"When it ends by itself: {MOMENT}.")
@click.option("--every", is_flag=True, help="For every partnership of the database, and to begin new ones.")
@command(changes=True)
def key_new(session: Session, name: str, roles: tuple[str, ...], partner: str, holder: str,
            expires: dt.datetime | None, every: bool) -> None:
    """Make a key. It is shown once and kept nowhere: put it in a safe place at once."""
    from api.commands import keys
    from ledger.language import _

    done = keys.new(session, name, roles, expires, every, partner, holder)
    session.say(lambda: _("{key}\nKey {id}, {may}. It is not shown again.").format(
        key=done["key"], id=done["id"], may=keys.may(done)), done)


@key.command("list")
@command()
def key_list(session: Session) -> None:
    """List the keys: who has one, what it may do, whether it still works."""
    from api.commands import keys
    from ledger.language import _

    found = keys.listing(session)
    session.say(lambda: "\n".join(
        f"{one['id']}  {one['name']}  {one['partnership']}  {keys.may(one)}{_ended(one)}" for one in found)
        or _("There is no key yet: poolbook key new --name ..."), {"keys": found})


def _ended(one: Mapping[str, Any]) -> str:
    from api.commands.told import moment as told
    from ledger.language import _

    if one["revoked"]:
        return "  " + _("revoked {when}").format(when=told(one["revoked"]))
    return "  " + _("expires {when}").format(when=told(one["expires"])) if one["expires"] else ""


@key.command("public")
@command(partnership=False)
def key_public(session: Session) -> None:
    """Print the public key by which receipts of this host are known. Partners note it once."""
    from api.commands import proof

    done = proof.public_key(session)
    session.say(lambda: str(done["key"]), done)


@key.command("revoke")
@click.argument("key_id", metavar="ID")
@command(changes=True)
def key_revoke(session: Session, key_id: str) -> None:
    """Revoke the key with this ID, for good."""
    from api.commands import keys
    from ledger.language import _

    done = keys.revoke(session, key_id)
    session.say(lambda: _("Key {id} is revoked.").format(id=key_id), done)


@click.group(cls=Grouped)
def member() -> None:
    """Say who of those that sign in by OpenID Connect may do what."""


EVERY = click.option("--every", is_flag=True, help="In every partnership of the database.")


@member.command("add")
@click.argument("subject")
@click.option("--issuer", default="", metavar="URL", help="The sign-in service. Default: $POOLBOOK_OIDC_ISSUER.")
@click.option("--name", default="", metavar="TEXT", help="Who it is, for people to read.")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(ROLES),
              help="What they may do; may be given several times. What they had before ends.")
@click.option("--partner", default="", metavar="P",
              help="Bound to what this partner, by its id in the agreement, may see.")
@EVERY
@command(changes=True)
def member_add(session: Session, subject: str, issuer: str, name: str, roles: tuple[str, ...], partner: str,
               every: bool) -> None:
    """Give the person whom the sign-in service knows as SUBJECT these roles."""
    from api.commands import keys, members
    from ledger.language import _

    done = members.add(session, subject, issuer, name, roles, partner, every)
    session.say(lambda: _("Member {number}: {subject}, {may}.").format(
        number=done["member"], subject=done["subject"], may=keys.may(done)), done)


@member.command("list")
@EVERY
@command()
def member_list(session: Session, every: bool) -> None:
    """List the people and their roles."""
    from api.commands import keys, members
    from ledger.language import _

    found = members.listing(session, every)
    session.say(lambda: "\n".join(
        _("{number}  {name}  {subject} at {issuer}  {may}").format(
            number=one["member"], name=one["name"] or "-", subject=one["subject"], issuer=one["issuer"],
            may=keys.may(one)) for one in found)
        or _("Nobody has a role yet: poolbook member add SUBJECT --role ..."), {"members": found})


@member.command("remove")
@click.argument("number", metavar="MEMBER", type=int)
@EVERY
@command(changes=True)
def member_remove(session: Session, number: int, every: bool) -> None:
    """Take all roles away from the person with this number in the list."""
    from api.commands import members
    from ledger.language import _

    done = members.remove(session, number, every)
    session.say(lambda: _("{person} has no role any more.").format(person=done["name"] or done["subject"]), done)


@click.group(cls=Grouped)
def database() -> None:
    """Say who may reach a PostgreSQL database itself: the server, and partners' own logins."""


@database.command("secure")
@command(partnership=False)
def database_secure(session: Session) -> None:
    """Apply roles, grants and row-level security again; `poolbook init` does after every upgrade."""
    from api.commands import database as work
    from ledger.language import _

    done = work.secure(session)
    session.say(lambda: _("Secured; the roles are {roles}.").format(roles=", ".join(done["roles"])), done)


@database.command("grant")
@click.argument("login")
@click.option("--partner", required=True, metavar="P", help="The partner that the login reads for.")
@command(changes=True)
def database_grant(session: Session, login: str, partner: str) -> None:
    """Let a LOGIN of PostgreSQL read, by SQL, what one partner may see and nothing else."""
    from api.commands import database as work
    from ledger.language import _

    done = work.grant(session, login, partner)
    session.say(lambda: "\n".join([
        _("{login} reads for {partner} of {partnership}.").format(
            login=login, partner=partner, partnership=done["partnership"]),
        *([_("It is new and has no password yet: in psql, {command}").format(command=f"\\password {login}")]
          if done["made"] else [])]), done)


@database.command("revoke")
@click.argument("login")
@command(changes=True, partnership=False)
def database_revoke(session: Session, login: str) -> None:
    """Take the reading of a LOGIN away."""
    from api.commands import database as work
    from ledger.language import _

    done = work.revoke(session, login)
    session.say(lambda: _("{login} reads nothing any more.").format(login=login), done)


@database.command("logins")
@command(partnership=False)
def database_logins(session: Session) -> None:
    """List the logins that read for partners."""
    from api.commands import database as work
    from ledger.language import _

    found = work.listing(session)
    session.say(lambda: "\n".join(f"{one['login']}  {one['partnership']}  {one['partner']}" for one in found)
                or _("No login reads for a partner: poolbook database grant LOGIN --partner P"), {"logins": found})


@database.command("distribute")
@click.option("--shards", default=32, show_default=True, type=click.IntRange(1, 1024),
              help="Into how many parts; more than there will ever be servers.")
@click.option("--execute", is_flag=True, help="Run the statements too; without it they are only printed.")
@command(partnership=False)
def database_distribute(session: Session, shards: int, execute: bool) -> None:
    """Spread the tables over the servers of a Citus cluster, each partnership's on one of them."""
    from api.commands import database as work

    found = work.distribute(session, shards, execute)
    session.say(lambda: "\n".join(f"{sql};" for sql in found), {"statements": found, "executed": execute})


COMMANDS = (key, member, database)
