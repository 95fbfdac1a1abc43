from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    name = "knowledge"
    verbose_name = "Knowledge base"

    def ready(self) -> None:
        from django_q.signals import post_spawn

        from knowledge import receivers, warming  # noqa: F401 - receivers connect themselves
        from knowledge.help_center import theme  # noqa: F401 - its checks

        post_spawn.connect(warming.warm_worker, dispatch_uid="warming")
