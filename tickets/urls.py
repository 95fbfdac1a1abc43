"""URLs of the desk, by resource."""

from django.urls import path

from tickets.api import views as api_views
from tickets.logins import session_views
from tickets.views import account, actions, files, mail, pages, queue_pages, saved_view_pages, sending

app_name = "tickets"

urlpatterns = [
    path("desk/", pages.desk, name="desk"),
    path("desk/queue", queue_pages.queue_rows, name="queue"),
    path("desk/queue/numbers", queue_pages.numbers, name="queue_numbers"),
    path("desk/queue/filters", queue_pages.filter_panel, name="queue_filters"),
    path("desk/queue/filters/count", queue_pages.filter_count, name="queue_filter_count"),
    path("desk/queue/rows", queue_pages.row_details, name="row_details"),
    path("desk/views/", saved_view_pages.save_view, name="save_view"),
    path("desk/views/form", saved_view_pages.new_view, name="new_view"),
    path("desk/views/<int:view_id>/", saved_view_pages.change_view, name="change_view"),
    path("desk/views/<int:view_id>/form", saved_view_pages.view_form, name="view_form"),
    path("desk/views/<int:view_id>/filters", saved_view_pages.change_filters, name="change_filters"),
    path("desk/views/<int:view_id>/remove", saved_view_pages.remove_view, name="remove_view"),
    path("desk/views/<int:view_id>/put-back", saved_view_pages.put_back_view, name="put_back_view"),
    path("desk/<int:ticket_id>/", pages.ticket, name="ticket"),
    path("desk/<int:ticket_id>/pane", pages.pane, name="pane"),
    path("desk/<int:ticket_id>/conversation", pages.conversation, name="conversation"),
    path("desk/<int:ticket_id>/header", pages.header, name="header"),
    path("desk/<int:ticket_id>/context", pages.context, name="context"),
    path("desk/<int:ticket_id>/timeline", pages.timeline, name="timeline"),
    path("desk/<int:ticket_id>/reply", actions.reply, name="reply"),
    path("desk/<int:ticket_id>/note", actions.note, name="note"),
    path("desk/<int:ticket_id>/assign", actions.assign, name="assign"),
    path("desk/<int:ticket_id>/transfer", actions.transfer, name="transfer"),
    path("desk/<int:ticket_id>/undo-transfer", actions.undo_transfer, name="undo_transfer"),
    path("desk/<int:ticket_id>/close", actions.close, name="close"),
    path("desk/<int:ticket_id>/undo-close", actions.undo_close, name="undo_close"),
    path("desk/<int:ticket_id>/status", actions.status, name="status"),
    path("desk/<int:ticket_id>/priority", actions.priority, name="priority"),
    path("messages/<int:message_id>/undo-send", actions.undo_send, name="undo_send"),
    path("messages/<int:message_id>/delivery", sending.delivery, name="delivery"),
    path("desk/<int:ticket_id>/unsent", sending.unsent, name="unsent"),
    path("desk/sending", sending.state, name="sending_state"),
    path("attachments/<int:attachment_id>/", files.attachment, name="attachment"),
    path("attachments/<int:attachment_id>/picture", files.picture, name="picture"),
    path("desk/<int:ticket_id>/uploads", files.waiting, name="uploads"),
    path("uploads/<int:upload_id>/", files.upload, name="upload"),
    path("uploads/<int:upload_id>/picture", files.upload_picture, name="upload_picture"),
    path("uploads/<int:upload_id>/remove", files.upload_remove, name="upload_remove"),
    path("uploads/<int:upload_id>/put-back", files.upload_put_back, name="upload_put_back"),
    path("preferences", account.preferences, name="preferences"),
    path("account/", session_views.page, name="sessions"),
    path("account/sessions/<int:session_id>/end", session_views.end, name="session_end"),
    path("account/sessions/end-others", session_views.end_others, name="sessions_end_others"),
    path("api/docs", api_views.docs, name="api_docs"),
    path("api/openapi.json", api_views.openapi, name="api_openapi"),
    path("api/tokens/", api_views.token_list, name="api_tokens"),
    path("api/tokens/<int:number>/revoke", api_views.token_revoke, name="api_token_revoke"),
    path("mail/", mail.mail, name="mail"),
    path("mail/in/<int:inbound_id>/raw", mail.raw, name="mail_raw"),
    path("mail/in/<int:inbound_id>/resolve", mail.quarantine_resolve, name="quarantine_resolve"),
    path("mail/out/<int:outgoing_id>/", mail.outgoing, name="outgoing"),
    path("mail/out/<int:outgoing_id>/resolve", mail.outgoing_resolve, name="outgoing_resolve"),
]
