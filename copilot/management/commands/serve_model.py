"""`manage.py serve_model`: the model process. Without a model file it starts all the same and says so."""

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config import catalogue
from copilot import prompts
from copilot.drafting import pointing, saying
from copilot.engine.settings import EngineSettings
from copilot.grounding import checking
from copilot.llm import ChatMessage


def engine_settings() -> EngineSettings:
    name = settings.COPILOT_MODEL
    known = catalogue.catalogue().get(name)
    return EngineSettings(
        model_path=catalogue.model_path(name),
        model_name=name if known else Path(name).stem,
        sha256=known.sha256 if known else "",
        context=settings.LLM_CONTEXT,
        slots=settings.LLM_SLOTS,
        threads=settings.LLM_THREADS,
        batch_threads=settings.LLM_BATCH_THREADS,
        gpu_layers=settings.LLM_GPU_LAYERS,
        api_key=settings.LLM_API_KEY,
        lora_path=catalogue.adapter(),
    )


def prefixes() -> list[Sequence[ChatMessage]]:
    """How the prompts of drafts begin, in the order in which a draft needs them."""
    return [prompts.load(name).prefix for name in (pointing.PROMPT, checking.PROMPT, saying.PROMPT)]


class Command(BaseCommand):
    help = "Serves the writer model behind an OpenAI-compatible API."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=settings.LLM_HOST)
        parser.add_argument("--port", type=int, default=settings.LLM_PORT)
        parser.add_argument("--preload", action="store_true", help="load now, not with the first request")

    def handle(self, *args: Any, **options: Any) -> None:
        import uvicorn

        from copilot.engine.llama import Llama
        from copilot.engine.runner import Engine
        from copilot.engine.server import build_app

        engine = Engine(engine_settings(), load=Llama, prefixes=prefixes())
        if options["preload"]:
            engine.start()
        uvicorn.run(
            build_app(engine), host=options["host"], port=options["port"],
            log_config=None, access_log=False, timeout_graceful_shutdown=3,
        )  # fmt: skip
