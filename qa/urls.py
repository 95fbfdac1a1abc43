"""Addresses of the pages for team leads."""

from django.urls import path

from qa.pages import deflection, sources_views, sureness, views

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
    path("help/", deflection.page, name="help_center"),
    path("help.csv", deflection.page_csv, name="help_center_csv"),
]
