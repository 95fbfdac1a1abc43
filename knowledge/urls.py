from django.urls import path, re_path

from knowledge.gaps import views as gaps_views
from knowledge.hygiene import views as hygiene_views
from knowledge.search import sandbox_views, views

app_name = "knowledge"
urlpatterns = [
    path("articles/<int:article_id>/", views.article, name="article"),
    path("search/", views.search, name="search"),
    path("gaps/", gaps_views.gaps, name="gaps"),
    path("gaps/group", gaps_views.gaps_group, name="gaps_group"),
    path("gaps/<int:topic_id>/", gaps_views.gap_topic, name="gap_topic"),
    path("gaps/<int:topic_id>/rename", gaps_views.gap_rename, name="gap_rename"),
    path("gaps/<int:topic_id>/dismiss", gaps_views.gap_dismiss, name="gap_dismiss"),
    path("gaps/<int:topic_id>/reopen", gaps_views.gap_reopen, name="gap_reopen"),
    path("gaps/<int:topic_id>/merge", gaps_views.gap_merge, name="gap_merge"),
    path("gaps/<int:topic_id>/unmerge", gaps_views.gap_unmerge, name="gap_unmerge"),
    path("gaps/<int:topic_id>/split", gaps_views.gap_split, name="gap_split"),
    path("hygiene/", hygiene_views.hygiene, name="hygiene"),
    path("hygiene/check", hygiene_views.hygiene_check, name="hygiene_check"),
    path("hygiene/articles/<int:article_id>/archive", hygiene_views.hygiene_archive, name="hygiene_archive"),
    path("hygiene/articles/<int:article_id>/restore", hygiene_views.hygiene_restore, name="hygiene_restore"),
    path("hygiene/articles/<int:article_id>/review", hygiene_views.hygiene_review, name="hygiene_review"),
    path("hygiene/findings/<int:finding_id>/dismiss", hygiene_views.hygiene_dismiss, name="hygiene_dismiss"),
    path("hygiene/findings/<int:finding_id>/reopen", hygiene_views.hygiene_reopen, name="hygiene_reopen"),
    path("sandbox/", sandbox_views.sandbox, name="sandbox"),
    path("sandbox/save", sandbox_views.sandbox_save, name="sandbox_save"),
    path("sandbox/<int:number>/use", sandbox_views.sandbox_use, name="sandbox_use"),
    re_path(r"^images/(?P<sha256>[0-9a-f]{64})\.(?P<ext>png|jpg|gif|webp)$", views.image, name="image"),
]
