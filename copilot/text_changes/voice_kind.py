"""The voice as a form: seven texts for each language, with what a reply then looks like."""

from typing import Any

from django.http import QueryDict
from django.utils.translation import get_language_info, pgettext
from django.utils.translation import gettext as _

from copilot import voice
from copilot.prompts.checks import Fault
from copilot.text_changes.kinds import Data, Kind, of_place, said
from copilot.voice import FIELDS, checks


class VoiceKind(Kind):
    template = "copilot/texts/_voice_form.html"

    def __init__(self) -> None:
        super().__init__(voice.NAME)

    @property
    def shipped_texts(self) -> str:
        return voice.shipped_texts()

    def normal(self, data: Data) -> Data:
        try:
            return {
                language: {name: text for name in FIELDS if (text := entry.get(name, "").strip())}
                for language, entry in data.items()
            }
        except AttributeError as error:
            raise ValueError(f"not a voice: {error!r}") from error

    def posted(self, post: QueryDict) -> Data:
        return self.normal({code: {name: said(post, f"{code}.{name}") for name in FIELDS} for code in self.shipped})

    def faults(self, data: Data) -> list[Fault]:
        return checks.faults(data, self.shipped)

    def fields(self, data: Data, faults: list[Fault]) -> dict[str, Any]:
        shipped = self.shipped
        wrong = {fault.place.partition(".")[0] for fault in faults}
        return {
            "voices": [
                {
                    "code": language,
                    "name": _language(language),
                    "open": language == voice.FALLBACK or language in wrong or data.get(language) != entry,
                    "changed": data.get(language) != entry,
                    "fields": [_field(language, name, data.get(language, {}).get(name, ""), faults) for name in FIELDS],
                    "preview": preview(data.get(language, {})),
                }
                for language, entry in shipped.items()
            ]
        }

    def readable(self, data: Data) -> str:
        lines: list[str] = []
        for language, entry in data.items():
            lines += [
                "",
                f"# {_language(language)}",
                *(f"{label(name)}: {entry[name]}" for name in FIELDS if name in entry),
            ]
        return "\n".join(lines).strip()


def label(name: str) -> str:
    return {
        "named": _("Greeting with a name"),
        "plain": _("Greeting without a name"),
        "opening": _("First sentence"),
        "insisted": _("First sentence where nothing answers"),
        "further": _("First sentence where a part of the answer was sent before"),
        "result": _("Last sentence after steps"),
        "closing": pgettext("of a reply", "Closing"),
    }[name]


def preview(words: Data) -> str:
    """A reply to a customer whose name is known."""
    named = words.get("named", "").replace("<NAME>", "Lena").replace("<FULL_NAME>", "Lena Haas")
    answer = _("[What the articles say, each sentence with its source.]")
    return "\n\n".join(filter(None, (named, words.get("opening", ""), answer, words.get("closing", ""))))


def _field(language: str, name: str, value: str, faults: list[Fault]) -> dict[str, Any]:
    place = f"{language}.{name}"
    return {
        "name": place,
        "label": label(name),
        "value": value,
        "long": name == "closing",
        "errors": of_place(faults, place),
    }


def _language(code: str) -> str:
    try:
        return str(get_language_info("zh-hans" if code == "zh" else code)["name_translated"])
    except KeyError:
        return code
