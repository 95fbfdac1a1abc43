"""Databases for a measurement, beside the configured one: it is never opened, and they are removed at the end.

SQLite: files in a temporary folder (TMPDIR says where). PostgreSQL: databases on the same server, with names of their
own. Only the name of the database in use changes: all other settings are those of the desk.
"""

import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from channels.layers import InMemoryChannelLayer, channel_layers
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connections

from config.running.termination import exits_on_sigterm

ALIAS = "default"
MANIFEST = "staticfiles.json"


class NoDatabase(Exception):
    """It could not be made."""


class InFiles:
    def __init__(self, connection: Any, folder: Path) -> None:
        self.folder = folder

    def name(self, number: int) -> str:
        return str(self.folder / f"{number}.sqlite3")

    def create(self, number: int) -> None:
        """Number 0 is new, all others are copies of it. Nobody has it open, so all of it is in that one file."""
        if number:
            shutil.copyfile(self.name(0), self.name(number))

    def drop(self, number: int) -> None:
        for file in self.folder.glob(f"{number}.sqlite3*"):
            file.unlink()


class OnServer:
    def __init__(self, connection: Any, folder: Path) -> None:
        self.connection, self.mark = connection, secrets.token_hex(4)

    def name(self, number: int) -> str:
        return f"copydesk_bench_{self.mark}_{number}"

    def create(self, number: int) -> None:
        copied = f' TEMPLATE "{self.name(0)}"' if number else ""
        try:
            self._do(f'CREATE DATABASE "{self.name(number)}"{copied}')
        except DatabaseError as error:
            raise NoDatabase(f"No database could be made for the measurement. {error}".strip()) from error

    def drop(self, number: int) -> None:
        self._do(f'DROP DATABASE IF EXISTS "{self.name(number)}" WITH (FORCE)')

    def _do(self, statement: str) -> None:
        with self.connection._nodb_cursor() as cursor:
            cursor.execute(statement)


class Databases:
    """`new` gives an empty one with all tables: they are made once, because migrating takes long, and then copied."""

    def __init__(self, places: InFiles | OnServer) -> None:
        self.places, self.made = places, 0
        with _in_use(places.name(0)):
            call_command("migrate", verbosity=0, interactive=False, stdout=sys.stderr)

    @contextmanager
    def new(self) -> Iterator[None]:
        """Inside, this process uses a new database instead of the configured one."""
        self.made += 1
        number = self.made
        self.places.create(number)
        try:
            with _in_use(self.places.name(number)):
                yield
        finally:
            self.places.drop(number)


@contextmanager
def databases() -> Iterator[Databases]:
    connection = connections[ALIAS]
    kind = OnServer if connection.vendor == "postgresql" else InFiles
    with tempfile.TemporaryDirectory(prefix="copydesk-bench-") as folder, exits_on_sigterm(), _unheard():
        places = kind(connection, Path(folder))
        places.create(0)
        try:
            _collect_static_files(Path(folder))
            yield Databases(places)
        finally:
            places.drop(0)


@contextmanager
def _in_use(name: str) -> Iterator[None]:
    before = connections[ALIAS].settings_dict["NAME"]
    _use(name)
    try:
        yield
    finally:
        _use(before)


def _use(name: str) -> None:
    """As Django does for its test databases. The dictionary is that of all threads."""
    connection = connections[ALIAS]
    connection.close()
    settings.DATABASES[ALIAS]["NAME"] = name
    connection.settings_dict["NAME"] = name


def _collect_static_files(folder: Path) -> None:
    """Pages name static files with their hashes; a checkout that was never started does not have those yet."""
    if not (Path(settings.STATIC_ROOT) / MANIFEST).exists():
        settings.STATIC_ROOT = folder / "static"
        call_command("collectstatic", verbosity=0, interactive=False, stdout=sys.stderr)


@contextmanager
def _unheard() -> Iterator[None]:
    """Live updates stay in this process: browsers at the desk in use have no ticket that they are about."""
    before = channel_layers.set("default", InMemoryChannelLayer())
    try:
        yield
    finally:
        if before is None:  # nobody had asked for one
            channel_layers.backends.pop("default")
        else:
            channel_layers.set("default", before)
