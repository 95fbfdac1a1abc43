"""Only the tables of the channel layer are in the `channels` database."""

from typing import Any


class ChannelsOnly:
    app_label = "channels_lite"

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        return "channels" if model._meta.app_label == self.app_label else None

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return (db == "channels") == (app_label == self.app_label)
