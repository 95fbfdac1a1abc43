"""Which app and which module may import which; and how long functions and modules may be."""

import ast
from statistics import quantiles

import pytest

from tests.modules import APPS, ROOT, Module, circles, modules

# What each app may import besides itself and config.
MAY_IMPORT = {
    "config": "",
    "tickets": "",
    "knowledge": "",
    "copilot": "tickets knowledge",
    "qa": "copilot tickets knowledge",
    "demo": "copilot tickets knowledge qa",
}
# The modules in which config puts the apps together: they may import all of them, except the demo.
COMPOSITION_ROOT = {"config.asgi", "config.urls"}
# Inside an app each package or module may import those in the lines above its own. A new one needs a place here.
# The last line has the modules that Django and the processes find by name.
ORDER = {
    "config": """
        certificates environment formats picture_formats numbers models versioned catalogue words roles signal_delivery
        statistics texts_in_migrations
        web channels checks logs
        background admin_readonly
        jobs
        running
        admin apps asgi management probes settings templatetags urls""",
    "tickets": """
        models signals languages
        access live search timeline composition preparation refusing
        lifecycle
        assignment snoozing
        changes
        mail
        uploads message_details
        outbox notes contact logins sockets api
        forwarding starting
        delivery overdue
        queue
        saved_views
        views
        admin apps management probes tasks urls""",
    "knowledge": """
        models signals
        access
        index
        masking
        text
        articles
        claims
        sync
        search
        hygiene gaps
        evaluation follow_ups help_center
        receivers warming
        admin apps management probes tasks templatetags urls""",
    "copilot": """
        llm engine leases
        models
        texts
        access calls fetching prompts redaction rule_sets
        evidence rule_forms rule_versions
        grounding confidence triage
        routing
        voice preparation
        drafting
        revising triage_shown summaries
        provenance
        escalation similar
        customers presend
        review gap_articles articles evaluation
        text_changes summary_pages customer_pages routing_pages escalation_pages escalation_rules_pages triage_pages
        similar_pages triage_api
        drafter receivers views
        apps management probes tasks templatetags urls""",
    "qa": """
        access metrics
        benchmarks charts
        pages
        apps management urls""",
    "demo": """
        content
        people files
        history
        drafts escalations help_visits routing triages
        seeding tasks
        apps management""",
}
FOLDER = 22  # modules
MODULE = 300  # lines
MEDIAN, NINETIETH, LONGEST = 10, 30, 45  # lines of a function


@pytest.mark.parametrize("app", APPS)
def test_apps_import_one_way(app: str) -> None:
    allowed = {app, "config", *MAY_IMPORT[app].split()}
    wrong = [
        f"{module.name}:{line} imports {name}"
        for module in of(app)
        for line, name in module.imports
        if name.split(".")[0] not in allowed
    ]
    assert [each for each in wrong if each.split(":")[0] not in COMPOSITION_ROOT] == []


def test_nothing_imports_the_demo() -> None:
    assert [
        m.name for m in modules().values() if m.app != "demo" and any(n.startswith("demo") for _, n in m.imports)
    ] == []


@pytest.mark.parametrize("app", APPS)
def test_inside_an_app_a_module_imports_only_from_lines_above(app: str) -> None:
    places = {part: place for place, line in enumerate(ORDER[app].strip().splitlines()) for part in line.split()}
    last = max(places.values())
    assert sorted({module.part for module in of(app)} - {"", *places}) == [], "give it a place in ORDER"
    assert sorted(set(places) - {module.part for module in of(app)}) == [], "in ORDER, but does not exist"
    wrong = [
        f"{module.name}:{line} imports {name}"
        for module in of(app)
        for line, name in module.imports
        if (other := modules()[name]).app == app and other.part not in {module.part, ""}
        if places[other.part] > places[module.part] or places[other.part] == places[module.part] < last
    ]
    assert wrong == []


def test_there_are_no_circular_imports() -> None:
    graph = {module.name: {name for _, name in module.imports} & set(modules()) for module in modules().values()}
    assert circles(graph) == []


def test_a_circular_import_is_found() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]


def test_folders_and_modules_are_small() -> None:
    files = [file for top in (*APPS, "tests", "scripts") for file in (ROOT / top).rglob("*.py")]
    folders = {file.parent for file in files if file.parent.name != "migrations"}
    full = {
        str(f.relative_to(ROOT)): n
        for f in folders
        if (n := len([p for p in f.glob("*.py") if p.stem != "__init__"])) > FOLDER
    }
    assert full == {}
    ours = [file for file in files if file.parent.name != "migrations" and file.relative_to(ROOT).parts[0] != "tests"]
    long = {
        str(f.relative_to(ROOT)): n for f in ours if (n := len(f.read_text(encoding="utf-8").splitlines())) > MODULE
    }
    assert long == {}


def test_functions_are_short() -> None:
    functions = [
        (node.end_lineno - node.lineno + 1, f"{module.name}.{node.name}")  # type: ignore[operator]
        for module in modules().values()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    tenths = quantiles([length for length, _ in functions], n=10)
    assert (tenths[4] <= MEDIAN, tenths[8] <= NINETIETH) == (True, True)
    assert [name for length, name in functions if length > LONGEST] == []


def of(app: str) -> list[Module]:
    return [module for module in modules().values() if module.app == app]
