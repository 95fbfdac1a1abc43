"""Turns links between imported files into links between the articles they become. Pure."""

import posixpath
import re
from collections.abc import Mapping
from itertools import accumulate
from urllib.parse import unquote

from django.utils.translation import gettext as _

from knowledge.text.article_links import address
from knowledge.text.code_marks import outside_code

LINK = re.compile(
    r"((?<!!)\[[^\[\]\n]{0,500}\]\(<?|^ {0,3}\[[^\[\]\n]{1,200}\]:[ \t]*<?)([^()\s<>]{1,1000})", re.MULTILINE
)
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:|//|#", re.IGNORECASE)
ENDINGS = (".md", ".mdx", ".markdown")


def key(path: str) -> str:
    """A file's path without its ending: some tools link with the ending, some without."""
    path = posixpath.normpath(path.replace("\\", "/")).lstrip("/")
    base, ending = posixpath.splitext(path)
    path = base if ending.lower() in {*ENDINGS, ".html"} else path
    folder, name = posixpath.split(path)
    return folder if name.lower() in {"index", "readme", "_index"} else path


def localise(markdown: str, path: str, ids: Mapping[str, str]) -> tuple[str, list[str]]:
    """The text with links to articles, and the broken links. `ids`: external ids by the `key` of their files."""
    problems: list[str] = []

    def one(found: re.Match[str]) -> str:
        target, _hash, name = found[2].partition("#")
        external_id = _find(target, path, ids) if target and not SCHEME.match(target) else None
        if external_id is not None:
            return f"{found[1]}{address(external_id, name)}"
        if target.lower().endswith(ENDINGS) and not SCHEME.match(target):
            text = _("The link to %(target)s leads to no imported article.")
            problems.append(text % {"target": target[:200]})
        return found[0]

    return outside_code(markdown, lambda prose: LINK.sub(one, prose)), problems


def _find(target: str, path: str, ids: Mapping[str, str]) -> str | None:
    target, folder = unquote(target.partition("?")[0]), posixpath.dirname(path)
    if not target.startswith("/"):
        return ids.get(key(posixpath.join(folder, target)))
    # An absolute link: the root of that site is the top of the import or one of its folders.
    tops = ["", *accumulate(folder.split("/"), posixpath.join)]
    return next((ids[found] for top in tops if (found := key(posixpath.join(top, target.lstrip("/")))) in ids), None)
