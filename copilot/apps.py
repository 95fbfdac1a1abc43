from django.apps import AppConfig


class CopilotConfig(AppConfig):
    name = "copilot"

    def ready(self) -> None:
        from copilot import receivers
        from tickets import signals

        # A receiver that fails must not undo or hide what the desk has done: send_robust at the sender.
        signals.message_received.connect(receivers.on_message_received, dispatch_uid="copilot")
        signals.reply_written.connect(receivers.on_reply_written, dispatch_uid="copilot")
        signals.reply_undone.connect(receivers.on_reply_undone, dispatch_uid="copilot")
        signals.ticket_closed.connect(receivers.on_ticket_closed, dispatch_uid="copilot")
