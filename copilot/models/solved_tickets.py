"""What was asked on closed tickets, and how it was solved."""

from django.db import models

from tickets.models import Ticket


class SolvedTicket(models.Model):
    """Of one closed ticket; similar/remembering.py is the only writer. Personal data is masked.

    It counts only while the ticket is closed. Its vector is in Chroma, under the ticket's number and `text_hash`.
    """

    ticket = models.OneToOneField(Ticket, on_delete=models.CASCADE, related_name="solved")
    basis = models.CharField(max_length=64, help_text="digest of what it was made from")
    title = models.CharField(max_length=300, blank=True, help_text="the subject")
    question = models.TextField(blank=True, help_text="what the customer wrote before our first reply")
    text_hash = models.CharField(max_length=64, blank=True, help_text="of the text that the vector is of")
    answer = models.TextField(blank=True, help_text="the reply that solved it; empty if there is none")
    # Copies, as in SentReply: they must stay readable when an article is gone.
    articles = models.JSONField(default=list, help_text="that the reply rests on: article, title")
    confirmed = models.BooleanField(default=False, help_text="the customer wrote that it helped")
    language = models.CharField(max_length=8, blank=True, help_text="of the question")

    def __str__(self) -> str:
        return f"how ticket {self.ticket_id} was solved"
