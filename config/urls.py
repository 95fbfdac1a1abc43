"""All addresses, grouped by app."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_required
from django.urls import include, path, re_path

from config.running.health import health
from config.web.texts import texts
from copilot.triage_api import endpoints as triage_api
from knowledge.help_center import sitemap
from tickets.api import problems, service
from tickets.contact import views
from tickets.logins import password_views
from tickets.views import pages

service.api.add_router("", triage_api.router)

urlpatterns = [
    path("", pages.home, name="home"),
    path("health", health, name="health"),
    path("texts/<slug:language>.<slug:version>.js", texts, name="texts"),
    path(
        "login/",
        auth.LoginView.as_view(redirect_authenticated_user=True, http_method_names=password_views.METHODS),
        name="login",
    ),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("password/change/", login_required(password_views.Change.as_view()), name="password_change"),
    path("password/forgotten/", password_views.Forgotten.as_view(), name="password_reset"),
    path("password/forgotten/sent/", password_views.Sent.as_view(), name="password_reset_done"),
    path("password/new/<uidb64>/<token>/", password_views.New.as_view(), name="password_reset_confirm"),
    path("admin/", admin.site.urls),
    path("", include("tickets.urls")),
    path("api/", service.api.urls),
    re_path("^api/", problems.no_such_address, name="api_no_such_address"),
    path("copilot/", include("copilot.urls")),
    path("knowledge/", include("knowledge.urls")),
    path("lead/", include("qa.urls")),
    path("help/", include("knowledge.help_center.urls")),
    path("contact/", views.page, name="contact"),
    path("contact/sent", views.sent, name="contact_sent"),
    path("sitemap.xml", sitemap.sitemap, name="sitemap"),
    path("robots.txt", sitemap.robots, name="robots"),
]
