"""All addresses, grouped by app."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_required
from django.urls import include, path

from config.health import health
from knowledge.help_center import sitemap
from tickets.views import contact, pages, passwords

urlpatterns = [
    path("", pages.home, name="home"),
    path("health", health, name="health"),
    path(
        "login/",
        auth.LoginView.as_view(redirect_authenticated_user=True, http_method_names=passwords.METHODS),
        name="login",
    ),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("password/change/", login_required(passwords.Change.as_view()), name="password_change"),
    path("password/forgotten/", passwords.Forgotten.as_view(), name="password_reset"),
    path("password/forgotten/sent/", passwords.Sent.as_view(), name="password_reset_done"),
    path("password/new/<uidb64>/<token>/", passwords.New.as_view(), name="password_reset_confirm"),
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
