from django.apps import AppConfig


class CopilotConfig(AppConfig):
    name = "copilot"

    def ready(self) -> None:
        from config import signal_delivery
        from config.background import lanes
        from copilot import receivers
        from copilot.articles import edit_burden
        from copilot.articles import usage as article_usage
        from copilot.drafting import citation_marks, drafter_queue
        from copilot.escalation import received
        from copilot.presend import refusing
        from copilot.provenance import wording
        from copilot.triage import queue_fields
        from knowledge import signals as knowledge_signals
        from knowledge.hygiene import edits, usage
        from tickets import composition, preparation, signals
        from tickets import refusing as refusals
        from tickets.message_details import handoffs, origins
        from tickets.queue import ticket_fields

        signal_delivery.connect(signals.message_received, receivers.on_message_received)
        signal_delivery.connect(signals.reply_written, receivers.on_reply_written)
        signal_delivery.connect(signals.reply_undone, receivers.on_reply_undone)
        signal_delivery.connect(signals.ticket_closed, receivers.on_ticket_closed)
        signal_delivery.connect(signals.transfer_undone, receivers.on_transfer_undone)
        signal_delivery.connect(signals.closing_undone, receivers.on_closing_undone)
        signal_delivery.connect(knowledge_signals.article_published, receivers.on_article_changed)
        signal_delivery.connect(knowledge_signals.article_unpublished, receivers.on_article_withdrawn)
        signal_delivery.connect(knowledge_signals.article_unpublished, receivers.on_article_changed)
        lanes.measure(lanes.DRAFTER, drafter_queue.load)
        preparation.register(drafter_queue.abandoned_tickets)
        composition.register(citation_marks.clean)
        refusals.register(refusing.refuse)
        origins.register(wording.of_messages)
        handoffs.register(received.of_notes)
        ticket_fields.add(*queue_fields.FIELDS)
        usage.register(article_usage.provide)
        edits.register(edit_burden.read)
