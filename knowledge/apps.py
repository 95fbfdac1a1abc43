from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    name = "knowledge"
    verbose_name = "Knowledge base"

    def ready(self) -> None:
        from knowledge import probes, receivers  # noqa: F401 - the first for the doctor
        from knowledge.help_center import theme  # noqa: F401 - its checks
