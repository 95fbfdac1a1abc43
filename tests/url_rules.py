"""Every address of the project and who may use it with which method. tests/test_url_rules.py checks this table.

A new address needs a line here. `get` and `post` name who is allowed; None means that the method is answered with 405.
Other methods never allow anybody who may neither get nor post, and they never write.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

# The cast, and: "anonymous" (not logged in); "gone" (Jonas, inactive); "root" (a superuser with the role agent).
ANYBODY = frozenset({"anonymous", "gone", "mira", "rosa", "ken", "ada", "otto", "root"})
STRANGERS = frozenset({"anonymous", "gone"})
MEMBERS = ANYBODY - STRANGERS
TEAM = frozenset({"mira", "rosa", "ada", "root"})
LEADS = frozenset({"rosa", "ada", "root"})
AUTHORS = frozenset({"ken", "rosa", "ada", "root"})
LOOKERS = AUTHORS | {"otto"}
ADMINS = frozenset({"ada", "root"})
ROOT = frozenset({"root"})
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Rule:
    get: frozenset[str] | None
    post: frozenset[str] | None
    query: str = ""  # parameters that the address requires
    token: bool = False  # POST is for programs with a token, whoever is logged in


def reads(who: frozenset[str]) -> Rule:
    return Rule(who, None)


def acts(who: frozenset[str]) -> Rule:
    return Rule(None, who)


def both(who: frozenset[str], query: str = "") -> Rule:
    return Rule(who, who, query)


WITH_TOKEN = Rule(None, NOBODY, token=True)


def each(names: str, rule: Rule) -> dict[str, Rule]:
    return dict.fromkeys(names.split(), rule)


SITE = {
    **each("api:triage api:triage_batch", WITH_TOKEN),
    **each("api:api-root api_no_such_address", both(ANYBODY)),  # 404 for everything
    **each("health texts sitemap robots contact_sent password_reset_done", reads(ANYBODY)),
    **each("login contact password_reset password_reset_confirm", both(ANYBODY)),
    "logout": acts(ANYBODY),
    "home": reads(MEMBERS),
    "password_change": both(MEMBERS),
}
TICKETS = {
    **each(
        "tickets:desk tickets:queue tickets:queue_numbers tickets:queue_filters tickets:queue_filter_count "
        "tickets:new_view tickets:view_form tickets:queue_ids tickets:recipients tickets:addresses "
        "tickets:customer_tickets "
        "tickets:ticket tickets:pane tickets:conversation tickets:header tickets:context tickets:timeline "
        "tickets:attachment tickets:picture tickets:upload tickets:upload_picture "
        "tickets:mail tickets:mail_raw tickets:outgoing tickets:delivery tickets:unsent tickets:sending_state",
        reads(TEAM),
    ),
    **each(
        "tickets:reply tickets:note tickets:assign tickets:undo_transfer tickets:close "
        "tickets:tags tickets:bulk tickets:undo tickets:new_ticket "
        "tickets:status tickets:priority tickets:undo_send tickets:quarantine_resolve tickets:outgoing_resolve "
        "tickets:upload_remove tickets:upload_put_back "
        "tickets:save_view tickets:change_view tickets:change_filters tickets:remove_view tickets:put_back_view",
        acts(TEAM),
    ),
    **each("tickets:snooze tickets:transfer tickets:uploads tickets:row_details", both(TEAM)),
    **each("tickets:sessions tickets:api_docs tickets:api_openapi", reads(MEMBERS)),
    "tickets:api_tokens": both(ADMINS),
    "tickets:api_token_revoke": acts(ADMINS),
    **each("tickets:preferences tickets:session_end tickets:sessions_end_others", acts(MEMBERS)),
}
COPILOT = {
    **each("copilot:status copilot:sources copilot:excerpt copilot:hits copilot:triage copilot:summary", reads(TEAM)),
    **each("copilot:draft copilot:revise copilot:triage_correct", both(TEAM)),
    **each("copilot:stop copilot:shown copilot:first_key copilot:reject copilot:presend copilot:doubts", acts(TEAM)),
    "copilot:escalate": both(TEAM),
    **each("copilot:history copilot:similar", reads(TEAM)),
    **each("copilot:summary_stream copilot:history_stream copilot:escalation_judge", acts(TEAM)),
    "copilot:article_usage": reads(LOOKERS),
    "copilot:gap_article": Rule(LOOKERS, AUTHORS),
    **each("copilot:gap_article_stop copilot:try_article", acts(AUTHORS)),
    **each("copilot:texts copilot:text_version copilot:text_trial", reads(LEADS)),
    **each("copilot:text copilot:text_try", both(LEADS)),
    **each("copilot:text_activate copilot:text_trial_stop", acts(LEADS)),
    "copilot:routing": both(LEADS),
    "copilot:routing_version": reads(LEADS),
    "copilot:escalation_rules": both(LEADS),
    "copilot:escalation_version": reads(LEADS),
    **each("copilot:routing_preview copilot:routing_use copilot:escalation_use", acts(LEADS)),
}
KNOWLEDGE = {
    **each("knowledge:article knowledge:search knowledge:image", reads(MEMBERS)),
    **each("knowledge:gaps knowledge:gap_topic knowledge:hygiene knowledge:sandbox", reads(LOOKERS)),
    **each(
        "knowledge:gaps_group knowledge:gap_rename knowledge:gap_dismiss knowledge:gap_reopen knowledge:gap_merge "
        "knowledge:gap_unmerge knowledge:gap_split knowledge:hygiene_check knowledge:hygiene_archive "
        "knowledge:hygiene_restore knowledge:hygiene_review knowledge:hygiene_dismiss knowledge:hygiene_reopen "
        "knowledge:sandbox_save knowledge:sandbox_use",
        acts(AUTHORS),
    ),
}
QA = {
    **each(
        "qa:overview qa:figures_csv qa:drafts qa:drafts_csv qa:sources qa:sources_articles_csv "
        "qa:sources_figures_csv qa:help_center qa:help_center_csv qa:sureness qa:triage qa:triage_csv "
        "qa:triage_classifiers qa:escalations qa:escalations_csv qa:escalations_figures_csv",
        reads(LEADS),
    ),
    **each("qa:triage_use qa:triage_train", acts(LEADS)),
}
HELP = {
    **each(
        "help:home help:theme help:logo help:image help:front help:search help:suggest help:to_contact help:category "
        "help:article_plain help:article",
        reads(ANYBODY),
    ),
    "help:vote": both(ANYBODY),
    **each("help:record_search help:record_read", acts(ANYBODY)),
}
ENTRANTS = AUTHORS  # may enter the admin
ADMIN = {
    **each("admin:index admin:view_on_site", both(ENTRANTS)),
    **each("admin:jsi18n admin:password_change_done", reads(ENTRANTS)),
    "admin:password_change": both(ENTRANTS),
    "admin:login": both(STRANGERS),
    "admin:logout": acts(ANYBODY),
    "admin:app_list": both(ENTRANTS),
    "admin:autocomplete": Rule(
        ENTRANTS, None, "?app_label=knowledge&model_name=article&field_name=translation_of&term=refund"
    ),
    **each(
        "admin:knowledge_article_preview admin:knowledge_article_checks admin:knowledge_article_image",
        Rule(NOBODY, AUTHORS),
    ),
    "admin:auth_user_password_change": both(ADMINS),
    "admin:knowledge_article_import": both(AUTHORS),
    "admin:knowledge_article_restore": both(AUTHORS),
}
# Tables in the admin: who may look, add, change and delete.
MODELS: dict[str, tuple[frozenset[str], frozenset[str], frozenset[str], frozenset[str]]] = {
    "knowledge_article": (AUTHORS, AUTHORS, AUTHORS, NOBODY),
    "knowledge_gap": (AUTHORS, NOBODY, AUTHORS, NOBODY),
    "tickets_user": (ADMINS, ADMINS, ADMINS, NOBODY),
    "tickets_team": (ADMINS, ADMINS, ADMINS, NOBODY),
    "tickets_tag": (ADMINS, ADMINS, ADMINS, NOBODY),  # unused tags can be deleted: tests/tickets/desk/test_admin.py
    "tickets_category": (ADMINS, ADMINS, ADMINS, NOBODY),
    "tickets_customer": (ADMINS, NOBODY, ADMINS, NOBODY),
    "django_q_schedule": (ADMINS, NOBODY, NOBODY, NOBODY),
    "django_q_success": (ADMINS, NOBODY, NOBODY, NOBODY),
    "django_q_failure": (ADMINS, NOBODY, NOBODY, NOBODY),
    "axes_accessattempt": (ADMINS, NOBODY, NOBODY, NOBODY),
    "axes_accesslog": (ADMINS, NOBODY, NOBODY, NOBODY),
    "axes_accessfailurelog": (ADMINS, NOBODY, NOBODY, NOBODY),
    "auth_group": (ROOT, ROOT, ROOT, ROOT),
}


def of_models() -> dict[str, Rule]:
    found = {}
    for model, (look, add, change, delete) in MODELS.items():
        pages = {
            "changelist": both(look),
            "add": both(add),
            "change": Rule(look, change),
            "delete": both(delete),
            "history": both(look),
        }
        found |= {f"admin:{model}_{page}": rule for page, rule in pages.items()}
    return found


RULES: dict[str, Rule] = {**SITE, **TICKETS, **COPILOT, **KNOWLEDGE, **QA, **HELP, **ADMIN, **of_models()}
# Sockets: pattern, and who may connect.
SOCKETS = {"ws/queue/": TEAM, "^ws/tickets/(?P<ticket_id>[0-9]{1,18})/$": TEAM, "": NOBODY}
# Redirects of the admin itself, for addresses without a slash or of older versions. They answer nothing else.
REDIRECTS = {"admin:<path:object_id>/": "RedirectView", "admin:(?P<url>.*)$": "AdminSite.catch_all_view"}
Patterns = Iterable[URLPattern | URLResolver]


def named(patterns: Patterns, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address, at any depth, with its full name. An address without a name gets its pattern as name."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from named(pattern.url_patterns, f"{space}{pattern.namespace}:" if pattern.namespace else space)
        elif pattern.name:
            yield f"{space}{pattern.name}", pattern
        elif not _redirects(f"{space}{pattern.pattern}", pattern):
            yield f"{space}<{pattern.pattern}>", pattern


def _redirects(look: str, pattern: URLPattern) -> bool:
    view = getattr(pattern.callback, "view_class", pattern.callback)
    return REDIRECTS.get(look) == view.__qualname__


def faults(patterns: Patterns, rules: Collection[str]) -> list[str]:
    """The differences between table and addresses: every address needs one name and one rule, every rule an address."""
    names = [name for name, _ in named(patterns)]
    wrong = [f"{name}: no rule" for name in names if name not in rules]
    wrong += [f"{name}: {count} addresses with this name, so not all are tested" for name, count in _twice(names)]
    return wrong + [f"{name}: no such address" for name in rules if name not in names]


def _twice(names: list[str]) -> list[tuple[str, int]]:
    return [(name, count) for name, count in Counter(names).items() if count > 1]


ADDRESSES = dict(named(get_resolver().url_patterns))
