from django.apps import AppConfig


class CopilotConfig(AppConfig):
    name = "copilot"

    def ready(self) -> None:
        from config.background import lanes
        from copilot import receivers
        from copilot.articles import edit_burden
        from copilot.articles import usage as article_usage
        from copilot.drafting import drafter_queue, marks
        from knowledge import signals as knowledge_signals
        from knowledge.hygiene import edits, usage
        from tickets import composition, preparation, signals

        # A receiver that fails must not undo or hide what the desk has done: send_robust at the sender.
        signals.message_received.connect(receivers.on_message_received, dispatch_uid="copilot")
        signals.reply_written.connect(receivers.on_reply_written, dispatch_uid="copilot")
        signals.reply_undone.connect(receivers.on_reply_undone, dispatch_uid="copilot")
        signals.ticket_closed.connect(receivers.on_ticket_closed, dispatch_uid="copilot")
        signals.closing_undone.connect(receivers.on_closing_undone, dispatch_uid="copilot")
        lanes.measure(lanes.DRAFTER, drafter_queue.load)
        preparation.register(drafter_queue.left_by_writers)
        composition.register(marks.clean)
        usage.register(article_usage.provide)
        edits.register(edit_burden.read)
        knowledge_signals.article_published.connect(receivers.on_article_changed, dispatch_uid="copilot questions")
        knowledge_signals.article_unpublished.connect(receivers.on_article_withdrawn, dispatch_uid="copilot drafts")
        knowledge_signals.article_unpublished.connect(receivers.on_article_changed, dispatch_uid="copilot questions")
