"""All addresses, grouped by app."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path

from config.health import health
from knowledge.help_center import sitemap
from tickets.views import contact, pages

urlpatterns = [
    path("", pages.home, name="home"),
    path("health", health, name="health"),
    path("login/", auth.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("admin/", admin.site.urls),
    path("", include("tickets.urls")),
    path("copilot/", include("copilot.urls")),
    path("knowledge/", include("knowledge.urls")),
    path("lead/", include("qa.urls")),
    path("help/", include("knowledge.help_center.urls")),
    path("contact/", contact.page, name="contact"),
    path("contact/sent", contact.sent, name="contact_sent"),
    path("sitemap.xml", sitemap.sitemap, name="sitemap"),
    path("robots.txt", sitemap.robots, name="robots"),
]
