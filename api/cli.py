"""The command line: ``gridwarden COMMAND``."""

import os
import sys

import click
from sqlalchemy.exc import SQLAlchemyError

from api.commands.asking import assign, check, explain, impact, verify
from api.commands.coverage import coverage
from api.commands.doors import strips
from api.commands.filling import init, load
from api.commands.hotspots import hotspots
from api.commands.people import user
from api.commands.plan import plan
from api.commands.repeats import repeats
from api.commands.showing import demo, doctor, map_, serve, worker
from api.commands.snapshots import hotspots_snapshot
from api.commands.tracks import tracks
from api.door import DATABASE_VARIABLE, DEFAULT_STORE, Door, fail, help_text, language
from api.texts import SAY
from gis_core.city import LOCALES
from gis_core.errors import GisError


@click.group(help=help_text("help"), context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="gridwarden")
@click.option("--store", default=None, help=help_text("opt_store"), metavar="URL")
@click.option("--json", "as_json", is_flag=True, help=help_text("opt_json"))
@click.option("--lang", type=click.Choice(LOCALES), default=None, help=help_text("opt_lang"))
@click.pass_context
def cli(context: click.Context, store: str | None, as_json: bool, lang: str | None) -> None:
    """Open the door that the chosen command goes through."""
    url = store or os.environ.get(DATABASE_VARIABLE) or DEFAULT_STORE
    context.obj = Door(url=url, lang=lang or language(), as_json=as_json)


for command in (
    init, load, assign, explain, check, impact, strips, tracks, coverage, hotspots, hotspots_snapshot, plan, repeats,
    verify, map_, demo, serve, worker, doctor, user,
):  # fmt: skip
    cli.add_command(command)


def main(arguments: list[str] | None = None) -> None:
    """Run a command; what is refused is one clear line and status 2."""
    lang = language()
    try:
        with cli.make_context("gridwarden", list(sys.argv[1:] if arguments is None else arguments)) as context:
            lang = context.obj.lang if context.obj else lang
            cli.invoke(context)
    except click.exceptions.Exit as leave:
        sys.exit(leave.exit_code)
    except click.ClickException as fault:
        fail(SAY.say("usage", lang, message=fault.format_message()))
    except GisError as fault:
        fail(fault.text(lang))
    except (SQLAlchemyError, OSError) as fault:
        fail(SAY.say("broke_off", lang, fault=str(fault).strip().splitlines()[0]))
    except (KeyboardInterrupt, click.Abort):
        fail(SAY.say("stopped", lang))
