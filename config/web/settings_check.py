"""The web process proves its settings before it serves: a server started by hand is as strict as `manage.py up`."""

from django.core import checks


def prove() -> None:
    """Ends the process with one line for each error; warnings are for `manage.py check` and doctor."""
    wrong = [found for found in checks.run_checks() if found.is_serious() and not found.is_silenced()]
    if wrong:
        lines = [f"Copydesk cannot start: {found.msg} {found.hint or ''}".rstrip() for found in wrong]
        raise SystemExit("\n".join(lines))
