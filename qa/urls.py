"""Addresses of the team lead's pages."""

from django.urls import path

from qa import views

app_name = "qa"

urlpatterns = [
    path("", views.page, name="overview"),
    path("figures.csv", views.figures_csv, name="figures_csv"),
    path("drafts/", views.drafts, name="drafts"),
    path("drafts.csv", views.drafts_csv, name="drafts_csv"),
]
