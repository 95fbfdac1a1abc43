"""Clears whole lines of hidden markup: MDX imports, comments, scripts, marks of notes. Pure; linear time.

A cleared line stays as an empty line, so that line numbers stay those of the author.
"""

import re
from bisect import bisect_left

from knowledge.text.code_marks import Closings, fence_closings, fence_end

IMPORT = re.compile(
    r"import\s+(?:(?P<what>[\w*{][^\n'\"]{0,400}?)\s*\bfrom\s*)?(?P<q>['\"])(?P<path>[^'\"\s]{1,300})(?P=q)\s*;?\s*$"
)
IMPORT_OPENS = re.compile(r"import\s+(?:\w+\s*,\s*)?\{[^}]*$")
IMPORT_CLOSES = re.compile(r"[^'\"]{0,400}\}\s*from\s*['\"][^'\"\s]{1,300}['\"]\s*;?\s*$")
EXPORT = re.compile(
    r"export\s+(?:(?:const|let|var)\s+[\w${\[].*=|(?:async\s+)?function\b.*\(|default\s*(?:[({\[]|function\b|class\b|async\b|"
    r"[\w.]+\s*;|\(?[^\n]*=>)|[{*][^\n]*)"
)
NOTE = re.compile(r"[ \t]*:{3,}(?![^\s\w\[{])")
NOTE_KIND = re.compile(r":{3,}[ \t]*+(?:\{[^}]*\}|[a-z][\w-]*+)?")
MKDOCS = re.compile(r"(?P<indent>[ \t]*)(?:!!!|\?\?\?\+?)[ \t]+[a-z][ \t\w-]*+(?:\"(?P<title>[^\"]*)\")?[ \t]*$")
CONTENTS = {"[toc]", "[[toc]]", "[[_toc_]]", "{:toc}", "${toc}"}
ALERT = re.compile(r"([ \t]*>[ \t]*)\[!([A-Za-z]+)\][-+]?")
UNSEEN = re.compile(r"[ \t]{0,3}<(?P<name>script|style)(?=[\s>])", re.IGNORECASE)
LONGEST = 200  # lines: the longest import or export


class Lines:
    """The text's lines, cleared in place. `fenced` says which are code between fences."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.fenced = [False] * len(self.lines)
        self.closings: Closings = fence_closings(self.lines)
        self.ends: dict[str, list[int]] = {}
        number = 0
        while number < len(self.lines):
            number = self._one(number)

    def _one(self, number: int) -> int:
        """Clear or mark what begins at this line. Returns the number of the line after it."""
        line = self.lines[number]
        if (end := fence_end(self.lines, number, self.closings)) is not None:
            self.fenced[number : end + 1] = [True] * (end + 1 - number)
            return end + 1
        bare = line.lstrip(" \t")
        if bare.startswith("<!--"):
            return self._to_the_end_of("-->", number, line.find("<!--") + 4)
        if unseen := UNSEEN.match(line):
            return self._to_the_end_of(f"</{unseen['name'].lower()}>", number, unseen.end())
        if line.startswith(("import ", "export ", "import{", "export{")) and self._may_begin(number):
            return self._module(number)
        if bare.startswith(("!!!", "???")) and (note := MKDOCS.match(line)):
            return self._indented_note(number, note)
        self.lines[number] = _without_mark(line, bare)
        return number + 1

    def _to_the_end_of(self, mark: str, number: int, start: int) -> int:
        """Clears up to the mark. If the mark never comes, nothing is cleared: the rest of the text would be lost."""
        place = self.lines[number].lower().find(mark, start)
        if place >= 0:  # on the same line: hidden_markup removes it
            return number + 1
        if mark not in self.ends:
            self.ends[mark] = [at for at, line in enumerate(self.lines) if mark in line.lower()]
        later = bisect_left(self.ends[mark], number + 1)
        if later == len(self.ends[mark]):
            return number + 1
        end = self.ends[mark][later]
        self.lines[number:end] = [""] * (end - number)
        self.lines[end] = self.lines[end][self.lines[end].lower().find(mark) + len(mark) :]
        return end  # the rest of that line is still to be read

    def _may_begin(self, number: int) -> bool:
        return number == 0 or not self.lines[number - 1].strip()

    def _module(self, number: int) -> int:
        line = self.lines[number]
        end = number
        if not (_is_import(line) or EXPORT.match(line)):
            if not IMPORT_OPENS.match(line):
                return number + 1
            for end in range(number + 1, min(len(self.lines), number + LONGEST)):
                if IMPORT_CLOSES.match(self.lines[end]):
                    break
                if not self.lines[end].strip():
                    return number + 1
            else:
                return number + 1
        elif line.startswith("export"):
            end = self._end_of_export(number)
        self.lines[number : end + 1] = [""] * (end + 1 - number)
        return end + 1

    def _end_of_export(self, number: int) -> int:
        """The line that closes all brackets, else the last one before a blank line."""
        depth = 0
        for at in range(number, min(len(self.lines), number + LONGEST)):
            line = self.lines[at]
            depth += sum(line.count(each) for each in "({[") - sum(line.count(each) for each in ")}]")
            if depth <= 0 and not line.rstrip().endswith(("=", "=>", "(", "&&", "||", "+", ",")):
                return at
            if line.startswith("#"):
                break
        at = number
        while at + 1 < len(self.lines) and self.lines[at + 1].strip():
            at += 1
        return at

    def _indented_note(self, number: int, note: re.Match[str]) -> int:
        """A note of MkDocs: its title, and its text, which is indented but not code."""
        self.lines[number] = note["indent"] + (note["title"] or "")
        inner = note["indent"] + "    "
        at = number + 1
        while at < len(self.lines) and (not self.lines[at].strip() or self.lines[at].startswith(inner)):
            self.lines[at] = note["indent"] + self.lines[at][len(inner) :] if self.lines[at].strip() else ""
            at += 1
        return number + 1


def _is_import(line: str) -> bool:
    """`import contacts from "Excel"` is a sentence. A path, or a name as only code has it, makes it an import."""
    found = IMPORT.match(line)
    if found is None:
        return False
    what, path = found["what"] or "", found["path"]
    if not what or any(mark in path for mark in "/@~.") or line.rstrip().endswith(";"):
        return True
    return what[0] in "{*" or (what[0].isupper() and path == path.lower())


def _without_mark(line: str, bare: str) -> str:
    if bare.startswith(":::") and NOTE.match(line):
        words = NOTE_KIND.sub("", bare, count=1).strip()
        words = words.removeprefix("[").removesuffix("]")
        return words if not words.startswith("{") else ""
    if bare.startswith(">"):
        return ALERT.sub(lambda found: f"{found[1]}{found[2].capitalize()}:", line, count=1)
    return "" if bare.strip().lower() in CONTENTS else line
