"""What the search knows besides its index (tickets/search): the words of the desk, and tickets that it has to read."""

from django.db import models


class Term(models.Model):
    """A word that a ticket has, for queries with a typo. Letters only."""

    term = models.CharField(max_length=30, primary_key=True, help_text="without case and accents")
    written = models.CharField(max_length=30, help_text="as somebody wrote it")
    ticket = models.BigIntegerField(help_text="The first ticket that had it")
    again = models.BooleanField(default=False, help_text="Another ticket has it too")

    class Meta:
        indexes = [models.Index(fields=["again", "ticket"], name="term_age")]

    def __str__(self) -> str:
        return self.written


class Trigram(models.Model):
    """Three letters in a row of a term, by which terms that are nearly the same are found."""

    gram = models.CharField(max_length=3)
    length = models.PositiveSmallIntegerField(help_text="letters of the term")
    term = models.CharField(max_length=30)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["gram", "length", "term"], name="trigram_once")]
        indexes = [models.Index(fields=["term"], name="trigram_term")]

    def __str__(self) -> str:
        return f"{self.gram} {self.term}"


class TicketToIndex(models.Model):
    """A ticket whose row in the index does not say what the ticket says. A job writes it anew."""

    ticket = models.BigIntegerField(primary_key=True)

    def __str__(self) -> str:
        return f"#{self.ticket}"
