import gc
from functools import partial

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class CopydeskAdminConfig(admin_apps.AdminConfig):
    default = False
    default_site = "config.admin.CopydeskAdminSite"


class ConfigConfig(AppConfig):
    default = True
    name = "config"

    def ready(self) -> None:
        from config import checks  # noqa: F401 - registers them
        from config.background import brokers, lanes

        for name in lanes.JOB_LANES:
            lanes.measure(name, partial(brokers.load, name))
        # Garbage is collected from now on (see config/__init__.py), but never looked for in what was imported.
        gc.freeze()
        gc.enable()
