from django.urls import path

from copilot import views
from copilot.articles import views as article_views
from copilot.customer_pages import views as customer_views
from copilot.escalation_pages import views as escalation_views
from copilot.escalation_rules_pages import views as escalation_rules_views
from copilot.gap_articles import views as gap_articles_views
from copilot.presend import views as presend_views
from copilot.revising import views as revising_views
from copilot.routing_pages import views as routing_views
from copilot.similar_pages import views as similar_views
from copilot.summary_pages import views as summary_views
from copilot.text_changes import trial_views
from copilot.text_changes import views as text_views
from copilot.triage_pages import views as triage_views

app_name = "copilot"

urlpatterns = [
    path("status", views.status, name="status"),
    path("tickets/<int:ticket_id>/draft", views.draft, name="draft"),
    path("tickets/<int:ticket_id>/sources", views.sources, name="sources"),
    path("tickets/<int:ticket_id>/hits", views.hits, name="hits"),
    path("tickets/<int:ticket_id>/triage", triage_views.triage, name="triage"),
    path("tickets/<int:ticket_id>/triage/correct", triage_views.correct, name="triage_correct"),
    path("tickets/<int:ticket_id>/presend", presend_views.presend, name="presend"),
    path("tickets/<int:ticket_id>/doubts", presend_views.doubts, name="doubts"),
    path("tickets/<int:ticket_id>/revise", revising_views.revise, name="revise"),
    path("tickets/<int:ticket_id>/escalate", escalation_views.escalate, name="escalate"),
    path("tickets/<int:ticket_id>/summary", summary_views.summary, name="summary"),
    path("tickets/<int:ticket_id>/summary/stream", summary_views.summary_stream, name="summary_stream"),
    path("tickets/<int:ticket_id>/similar", similar_views.similar, name="similar"),
    path("tickets/<int:ticket_id>/history", customer_views.history, name="history"),
    path("tickets/<int:ticket_id>/history/stream", customer_views.history_stream, name="history_stream"),
    path("escalations/<int:number>/judge", escalation_views.judge, name="escalation_judge"),
    path("drafts/<int:draft_id>/stop", views.stop, name="stop"),
    path("drafts/<int:draft_id>/shown", views.shown, name="shown"),
    path("drafts/<int:draft_id>/first-key", views.first_key, name="first_key"),
    path("drafts/<int:draft_id>/reject", views.reject, name="reject"),
    path("drafts/<int:draft_id>/excerpts/<int:number>", views.excerpt, name="excerpt"),
    path("articles/<int:article_id>/usage", article_views.article_usage, name="article_usage"),
    path("gaps/<int:topic_id>/article", gap_articles_views.gap_article, name="gap_article"),
    path("gaps/<int:topic_id>/article/stop", gap_articles_views.gap_article_stop, name="gap_article_stop"),
    path("articles/try/", article_views.try_article, name="try_article"),
    path("routing/", routing_views.routing, name="routing"),
    path("routing/preview", routing_views.routing_preview, name="routing_preview"),
    path("routing/<int:number>/", routing_views.routing_version, name="routing_version"),
    path("routing/<int:number>/use", routing_views.routing_use, name="routing_use"),
    path("escalation/", escalation_rules_views.escalation_rules, name="escalation_rules"),
    path("escalation/<int:number>/", escalation_rules_views.escalation_version, name="escalation_version"),
    path("escalation/<int:number>/use", escalation_rules_views.escalation_use, name="escalation_use"),
    path("prompts/", text_views.texts, name="texts"),
    path("prompts/<slug:name>/", text_views.text, name="text"),
    path("prompts/<slug:name>/<int:number>/", text_views.text_version, name="text_version"),
    path("prompts/<slug:name>/<int:number>/activate", text_views.text_activate, name="text_activate"),
    path("prompts/<slug:name>/<int:number>/try", trial_views.text_try, name="text_try"),
    path("prompt-trials/<int:trial_id>", trial_views.text_trial, name="text_trial"),
    path("prompt-trials/<int:trial_id>/stop", trial_views.text_trial_stop, name="text_trial_stop"),
]
