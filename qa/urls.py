"""Addresses of the pages for team leads."""

from django.urls import path

from qa.pages import deflection, escalations_views, sources_views, sureness, triage_views, views

app_name = "qa"

urlpatterns = [
    path("", views.page, name="overview"),
    path("figures.csv", views.figures_csv, name="figures_csv"),
    path("drafts/", views.drafts, name="drafts"),
    path("drafts.csv", views.drafts_csv, name="drafts_csv"),
    path("sources/", sources_views.page, name="sources"),
    path("sources/articles.csv", sources_views.articles_csv, name="sources_articles_csv"),
    path("sources/figures.csv", sources_views.figures_csv, name="sources_figures_csv"),
    path("sure/", sureness.page, name="sureness"),
    path("triage/", triage_views.page, name="triage"),
    path("triage.csv", triage_views.page_csv, name="triage_csv"),
    path("triage/classifiers/", triage_views.classifiers_part, name="triage_classifiers"),
    path("triage/classifiers/<int:number>/use/", triage_views.use, name="triage_use"),
    path("triage/train/", triage_views.train, name="triage_train"),
    path("escalations/", escalations_views.page, name="escalations"),
    path("escalations.csv", escalations_views.rows_csv, name="escalations_csv"),
    path("escalations/figures.csv", escalations_views.page_csv, name="escalations_figures_csv"),
    path("help/", deflection.page, name="help_center"),
    path("help.csv", deflection.page_csv, name="help_center_csv"),
]
