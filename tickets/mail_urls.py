"""Addresses of the mail log; included by tickets/urls.py."""

from django.urls import path

from tickets import mail_views

mail_urlpatterns = [
    path("mail/", mail_views.mail, name="mail"),
    path("mail/in/<int:inbound_id>/raw", mail_views.raw, name="mail_raw"),
    path("mail/in/<int:inbound_id>/resolve", mail_views.quarantine_resolve, name="quarantine_resolve"),
    path("mail/out/<int:outgoing_id>/", mail_views.outgoing, name="outgoing"),
    path("mail/out/<int:outgoing_id>/resolve", mail_views.outgoing_resolve, name="outgoing_resolve"),
]
