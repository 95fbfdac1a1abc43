"""Addresses of the public help center."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from knowledge.help_center import asking, pictures, recording, theme, views, voting


class Language(StringConverter):
    """`en`, `pt-br`: the codes that articles may have."""

    regex = "[A-Za-z][A-Za-z0-9-]{1,7}"


class ArticleId:
    """A whole number that every database can hold."""

    regex = "[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(Language, "language")
register_converter(ArticleId, "article_id")

app_name = "help"
urlpatterns = [
    path("", views.home, name="home"),
    path("theme.css", theme.css, name="theme"),
    path("logo", theme.logo, name="logo"),
    path("images/<str:sha256>", pictures.picture, name="image"),
    path("<language:language>/", views.front, name="front"),
    path("<language:language>/search", asking.search, name="search"),
    path("<language:language>/searched", recording.record_search, name="record_search"),
    path("<language:language>/suggest", asking.suggest, name="suggest"),
    path("<language:language>/contact", asking.to_contact, name="to_contact"),
    path("<language:language>/topics/<str:slug>/", views.category, name="category"),
    path("<language:language>/articles/<article_id:article_id>/", views.article, name="article_plain"),
    path("<language:language>/articles/<article_id:article_id>/read", recording.record_read, name="record_read"),
    path("<language:language>/articles/<article_id:article_id>/vote", voting.vote, name="vote"),
    path("<language:language>/articles/<article_id:article_id>-<str:slug>/", views.article, name="article"),
]
