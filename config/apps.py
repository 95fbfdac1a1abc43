from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class CopydeskAdminConfig(admin_apps.AdminConfig):
    default = False
    default_site = "config.admin.CopydeskAdminSite"


class ConfigConfig(AppConfig):
    default = True
    name = "config"

    def ready(self) -> None:
        from django_q.signals import post_spawn

        from config import checks, news  # noqa: F401 - checks register themselves
        from config.background import warming

        news.hear(post_spawn, warming.warm_worker)
