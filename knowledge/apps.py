from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KnowledgeConfig(AppConfig):
    name = "knowledge"
    verbose_name = _("Knowledge base")

    def ready(self) -> None:
        from django.db.models.signals import pre_delete
        from django_q.signals import post_spawn

        from config import signal_delivery
        from knowledge import receivers, warming
        from knowledge.help_center import theme  # noqa: F401 - its checks
        from knowledge.models import Article

        signal_delivery.connect(pre_delete, receivers.on_article_deleted, sender=Article)
        signal_delivery.connect(post_spawn, warming.warm_worker)
