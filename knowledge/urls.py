from django.urls import path

from knowledge import views

app_name = "knowledge"
urlpatterns = [
    path("articles/<int:article_id>/", views.article, name="article"),
    path("search/", views.search, name="search"),
]
