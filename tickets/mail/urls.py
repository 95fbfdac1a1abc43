"""Addresses of the mail log; included by tickets/urls.py."""

from django.urls import path

from tickets.mail import views

mail_urlpatterns = [
    path("mail/", views.mail, name="mail"),
    path("mail/in/<int:inbound_id>/raw", views.raw, name="mail_raw"),
    path("mail/in/<int:inbound_id>/resolve", views.quarantine_resolve, name="quarantine_resolve"),
    path("mail/out/<int:outgoing_id>/", views.outgoing, name="outgoing"),
    path("mail/out/<int:outgoing_id>/resolve", views.outgoing_resolve, name="outgoing_resolve"),
]
