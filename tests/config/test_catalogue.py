"""The catalogue of models, and how settings refer to it."""

import re
from pathlib import Path
from typing import Any

import pytest

from config import catalogue


def test_every_model_is_complete():
    models = catalogue.catalogue().values()
    assert {model.role for model in models} == {
        "writer",
        "writer-tiny",
        "embedder",
        "embedder-multilingual",
        "reranker",
        "tagger",
    }
    for model in models:
        assert model.kind in {"gguf", "folder"} and model.licence and model.origin and model.files
        for file in model.files:
            assert re.fullmatch(r"[0-9a-f]{64}", file.sha256)
            assert sum(part.size for part in file.parts) == file.size
            assert not Path(file.path).is_absolute() and ".." not in Path(file.path).parts


def test_packages_are_pinned_exactly():
    for model in catalogue.catalogue().values():
        assert all(re.fullmatch(r"[a-z0-9-]+==[0-9.]+", package) for package in model.packages)


def test_writer_parts_are_in_numeric_order():
    parts = catalogue.get("qwen2.5-coder-1.5b-instruct").files[0].parts
    numbers = [int(re.search(r"part(\d+)==", part.package)[1]) for part in parts]
    assert numbers == list(range(1, 23))


def test_no_registry_host_is_written_down():
    assert "://" not in (catalogue.HERE / "catalogue.toml").read_text()


def test_one_default_per_role_it_is_needed_for():
    defaults = [model.role for model in catalogue.catalogue().values() if model.default]
    assert sorted(defaults) == ["embedder", "reranker", "tagger", "writer"]


def test_settings_name_models_of_the_catalogue(settings: Any):
    models = [settings.COPILOT_MODEL, settings.EMBEDDING_MODEL, settings.RERANK_MODEL, settings.REDACTION_MODEL]
    for name in filter(None, models):
        assert catalogue.get(name)


def test_name_becomes_a_file_or_a_folder(settings: Any, tmp_path: Path):
    settings.MODELS_DIR = tmp_path
    assert catalogue.model_path("smollm2-135m-instruct").name == "SmolLM2-135M-Instruct.Q4_1.gguf"
    assert catalogue.model_path("all-minilm-l6-v2") == tmp_path / "all-minilm-l6-v2"


def test_a_path_is_used_as_it_is(tmp_path: Path):
    own = tmp_path / "own.gguf"
    assert catalogue.model_path(str(own)) == own
    assert not catalogue.is_present(str(own))
    own.write_bytes(b"weights")
    assert catalogue.is_present(str(own))


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(catalogue.UnknownModel, match="smollm2-135m-instruct"):
        catalogue.get("gpt-17")


def test_present_only_when_stamped_and_unchanged(settings: Any, tmp_path: Path):
    settings.MODELS_DIR = tmp_path
    path = catalogue.model_path("smollm2-135m-instruct")
    assert not catalogue.is_present("smollm2-135m-instruct")
    path.parent.mkdir()
    path.write_bytes(b"weights")
    assert not catalogue.is_present("smollm2-135m-instruct")
    catalogue.write_stamp(path.parent, {path.name: catalogue.get("smollm2-135m-instruct").sha256})
    assert catalogue.is_present("smollm2-135m-instruct")
    path.write_bytes(b"other weights")
    assert not catalogue.is_present("smollm2-135m-instruct")


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"SmolLM2-135M-Instruct.Q4_1.gguf": 3}'])
def test_a_broken_stamp_does_not_count(settings: Any, tmp_path: Path, broken: str):
    settings.MODELS_DIR = tmp_path
    path = catalogue.model_path("smollm2-135m-instruct")
    path.parent.mkdir()
    path.write_bytes(b"weights")
    (path.parent / catalogue.STAMP).write_text(broken)
    assert not catalogue.is_present("smollm2-135m-instruct")


WRITER = "qwen2.5-coder-1.5b-instruct"


class TestTheAdapter:
    @pytest.fixture(autouse=True)
    def the_default_writer(self, settings: Any) -> None:
        settings.COPILOT_MODEL, settings.LLM_EMBEDDED, settings.LLM_LORA = WRITER, True, catalogue.SHIPPED

    def test_the_default_writer_has_one(self) -> None:
        path = catalogue.adapter()
        assert path is not None and path.read_bytes()[:4] == b"GGUF"
        assert catalogue.known_writer() == WRITER

    def test_other_models_have_none(self, settings: Any) -> None:
        for name in ("smollm2-135m-instruct", "/models/own.gguf"):
            settings.COPILOT_MODEL = name
            assert catalogue.adapter() is None

    @pytest.mark.parametrize(("given", "used"), [("/models/tone.gguf", Path("/models/tone.gguf")), ("", None)])
    def test_with_another_one_or_none_nobody_measured_the_writer(
        self, settings: Any, given: str, used: Path | None
    ) -> None:
        settings.LLM_LORA = given
        assert catalogue.adapter() == used and catalogue.known_writer() == ""

    def test_it_is_part_of_what_names_the_writer(self) -> None:
        model = catalogue.get(WRITER).sha256
        assert catalogue.fingerprint(model, None) == model
        assert re.fullmatch(r"[0-9a-f]{64}", with_adapter := catalogue.fingerprint(model, catalogue.adapter()))
        assert with_adapter != model
