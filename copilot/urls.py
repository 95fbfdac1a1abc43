from django.urls import path

from copilot import views

app_name = "copilot"

urlpatterns = [
    path("status", views.status, name="status"),
    path("tickets/<int:ticket_id>/draft", views.draft, name="draft"),
    path("tickets/<int:ticket_id>/sources", views.sources, name="sources"),
    path("drafts/<int:draft_id>/stop", views.stop, name="stop"),
    path("drafts/<int:draft_id>/shown", views.shown, name="shown"),
    path("drafts/<int:draft_id>/first-key", views.first_key, name="first_key"),
    path("drafts/<int:draft_id>/reject", views.reject, name="reject"),
    path("drafts/<int:draft_id>/excerpts/<int:number>", views.excerpt, name="excerpt"),
]
