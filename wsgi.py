"""The composition root: the two web applications and the console script.

`wsgi:verify_app` and `wsgi:registry_app` are built when they are asked for, so that the public
process loads neither the database nor a key, and the office's process nothing of the public side.
"""

import importlib
import json
import logging
import os
import resource
import sys
import traceback
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from flask import Flask


_LONGEST_CHAIN = 20  # Of errors that caused each other; they may go in a circle.


class JsonLines(logging.Formatter):
    """One JSON object a line: moment, level, logger, words; never a path, a name or a card."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; a traceback is in `trace`, without values of variables and what a database quotes."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "says": record.getMessage(),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)

    def formatException(self, ei: Any) -> str:  # noqa: N802  # The name that logging calls.
        """The traceback, of each message its first line: a database quotes the row it refused below it."""
        error: BaseException | None = ei[1]
        told: list[str] = []
        while error is not None and len(told) < _LONGEST_CHAIN:
            kind, first = type(error), (str(error).splitlines() or [""])[0]
            frames = "".join(traceback.format_tb(error.__traceback__))
            told.append(f"{frames}{kind.__module__}.{kind.__qualname__}: {first}")
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\n".join(reversed(told))


def configure_logging() -> None:
    """Send this process's log to stderr as JSON lines."""
    stream = logging.StreamHandler(sys.stderr)
    stream.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[stream], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)


def _dump_no_memory() -> None:
    # A core dump would hold the private keys.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _hide_server_name() -> None:
    # gunicorn names itself in every answer and offers no setting against it.
    from gunicorn.http import wsgi as gunicorn_wsgi  # noqa: PLC0415  # Only where gunicorn serves.

    spoken = gunicorn_wsgi.Response.default_headers

    def silent(response: Any) -> list[str]:
        return [line for line in spoken(response) if not line.startswith("Server:")]

    gunicorn_wsgi.Response.default_headers = silent


def _build(side: str) -> "Flask":
    _dump_no_memory()
    configure_logging()
    if "gunicorn" in sys.modules:
        _hide_server_name()
    # Imported here and not above: each process must hold its own side only.
    if side == "verify_app":
        from verify.config import config_from  # noqa: PLC0415
        from verify.services import services_from  # noqa: PLC0415
        from verify.web import create_app  # noqa: PLC0415

        return create_app(services_from(config_from(os.environ)))
    from registry.config import RegistryConfig, take_environment  # noqa: PLC0415
    from registry.services import Services  # noqa: PLC0415
    from registry.web import create_app as create_office  # noqa: PLC0415

    return create_office(Services.open(RegistryConfig.from_environment(take_environment(os.environ))))


def __getattr__(name: str) -> "Flask":
    if name in ("verify_app", "registry_app"):
        app = _build(name)
        globals()[name] = app
        return app
    raise AttributeError(name)


_COMMANDS = {
    **dict.fromkeys(("init", "demo", "publish", "follow", "serve"), "registry.commands.running"),
    **dict.fromkeys(("agency", "type", "officer"), "registry.commands.setting_up"),
    "issue": "registry.commands.entering",
    **dict.fromkeys(("import", "batch"), "registry.commands.batches"),
    "columns": "registry.commands.columns",
    "api-key": "registry.commands.systems",
    "witness": "registry.commands.witnessing",
    "search": "registry.commands.searching",
    **dict.fromkeys(("root", "ring"), "registry.commands.roots"),
    "key": "registry.commands.keys",
    **dict.fromkeys(("audit", "verify"), "verify.cli"),
    **dict.fromkeys(("monitor", "vkey"), "verify.watching"),
    **dict.fromkeys(("backup", "restore", "recover"), "registry.commands.recovering"),
}
_GROUPS = ("agency", "type", "officer", "root", "ring", "key", "api-key", "batch", "search")


class LazyGroup(click.Group):
    """Commands by name, each loaded from its package when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """The names, in alphabetical order."""
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name, or None."""
        if cmd_name not in _COMMANDS:
            return None
        suffix = "group" if cmd_name in _GROUPS else "command"
        command = getattr(
            importlib.import_module(_COMMANDS[cmd_name]), f"{cmd_name.replace('-', '_')}_{suffix}"
        )
        if not isinstance(command, click.Command):
            raise TypeError(f"{cmd_name} is no command")
        return command


@click.command(cls=LazyGroup)
def permits() -> None:
    """Permit registry: issue, publish and verify signed licenses."""
    _dump_no_memory()
    if len(sys.argv) > 1 and sys.argv[1] in ("follow", "serve"):
        configure_logging()


if __name__ == "__main__":
    permits()
