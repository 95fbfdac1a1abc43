"""`manage.py fetch_models`: fetch and verify the models; verified ones cost milliseconds."""

import json
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from config import catalogue
from config.catalogue import CatalogueModel
from copilot.fetching import FetchError, Sources, fetch, sources_from_env


def chosen(only: list[str], tests: bool) -> list[CatalogueModel]:
    """The named models, or those that the settings name; with `tests` also those that only some tests use.

    A setting that holds a path needs no download, nor does a writer that runs elsewhere.
    """
    if only:
        return [catalogue.get(name) for name in only]
    configured = {settings.EMBEDDING_MODEL, settings.RERANK_MODEL, settings.REDACTION_MODEL}
    if settings.LLM_EMBEDDED:
        configured.add(settings.COPILOT_MODEL)
    models = catalogue.catalogue().values()
    for_tests = {"writer-tiny", "embedder-multilingual", "reranker", "tagger"} if tests else set()
    return [model for model in models if model.name in configured or model.role in for_tests]


class Command(BaseCommand):
    help = "Fetches the writer and the embedder (or the named models) and verifies their checksums."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="these models of the catalogue")
        parser.add_argument("--tests", action="store_true", help="also those that only tests need")
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.perf_counter()
        try:
            models = chosen(options["only"], options["tests"])
            sources = sources_from_env(settings.MODELS_DIR)
            rows = [self.get_one(model, sources) for model in models]
        except (FetchError, catalogue.UnknownModel, OSError) as error:
            if options["json"]:
                self.stdout.write(json.dumps({"error": str(error)}))
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps({"models": rows, "seconds": round(time.perf_counter() - started, 3)}))

    def get_one(self, model: CatalogueModel, sources: Sources) -> dict[str, Any]:
        started = time.perf_counter()
        with tqdm(total=model.size, unit="B", unit_scale=True, desc=model.name, leave=False, delay=0.3) as bar:
            status = fetch(model, sources, bar.update)
        seconds = round(time.perf_counter() - started, 3)
        path = model.path(sources.models_dir)
        self.stderr.write(f"{model.name}: {status}, {model.size / 1e6:.0f} MB, {path}", style_func=str)
        return {
            "name": model.name, "status": status, "path": str(path), "bytes": model.size,
            "sha256": model.sha256, "seconds": seconds,
        }  # fmt: skip
