from django.apps import AppConfig


class CopilotConfig(AppConfig):
    name = "copilot"

    def ready(self) -> None:
        from config import news
        from config.background import lanes
        from copilot import receivers
        from copilot.articles import edit_burden
        from copilot.articles import usage as article_usage
        from copilot.drafting import drafter_queue, marks
        from knowledge import signals as knowledge_signals
        from knowledge.hygiene import edits, usage
        from tickets import composition, preparation, signals

        news.hear(signals.message_received, receivers.on_message_received)
        news.hear(signals.reply_written, receivers.on_reply_written)
        news.hear(signals.reply_undone, receivers.on_reply_undone)
        news.hear(signals.ticket_closed, receivers.on_ticket_closed)
        news.hear(signals.closing_undone, receivers.on_closing_undone)
        news.hear(knowledge_signals.article_published, receivers.on_article_changed)
        news.hear(knowledge_signals.article_unpublished, receivers.on_article_withdrawn)
        news.hear(knowledge_signals.article_unpublished, receivers.on_article_changed)
        lanes.measure(lanes.DRAFTER, drafter_queue.load)
        preparation.register(drafter_queue.left_by_writers)
        composition.register(marks.clean)
        usage.register(article_usage.provide)
        edits.register(edit_burden.read)
