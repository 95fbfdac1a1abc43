"""`make texts`: collects the texts of pages and scripts into locale/*.po, and compiles them to .mo.

Both kinds of file are in git, so that a fresh checkout needs no gettext tools. docs/texts.md says how to translate.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("de", "es", "fr")
IGNORED = (".venv/*", "var/*", "tests/*", "static/vendor/*", "node_modules/*")
# Header lines that change with every run and do not matter.
RESTLESS = re.compile(r'^"(?:POT-Creation-Date|PO-Revision-Date|Last-Translator|Language-Team|Report-Msgid).*\n', re.M)


def main() -> int:
    collect()
    for file in files():
        file.write_text(RESTLESS.sub("", file.read_text(encoding="utf-8")), encoding="utf-8")
        run("msgfmt", "--check-format", "--no-hash", "-o", str(file.with_suffix(".mo")), str(file))
    return 0


def collect() -> None:
    languages = [part for language in LANGUAGES for part in ("--locale", language)]
    ignored = [part for pattern in IGNORED for part in ("--ignore", pattern)]
    how = ["--add-location=file", "--no-wrap", "--no-obsolete", *languages, *ignored]
    for domain in ("django", "djangojs"):
        run(sys.executable, "scripts/as_test.py", "makemessages", "--domain", domain, *how)


def files() -> list[Path]:
    return sorted(ROOT.glob("locale/*/LC_MESSAGES/*.po"))


def run(*words: str) -> None:
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(words[:3])} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


if __name__ == "__main__":
    sys.exit(main())
