"""What other platforms send and get: POST /api/triage."""

from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from copilot.models import Route, Triage
from copilot.redaction import Person
from copilot.triage.signals import Kind
from tickets.models import Customer

BATCH = 50  # messages
SUBJECT, BODY = 1_000, 200_000  # characters
READ = 20_000  # characters of a text; no message needs more to be triaged, and masking takes time for each
Level = Literal["low", "medium", "high"]


def _encodable(text: str) -> str:
    """JSON can carry half of a surrogate pair, which no tokenizer takes."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError("Not valid Unicode: it has half of a surrogate pair") from error
    return text


def _or_none(value: Any) -> Any:
    """The placeholder of a platform may have no value."""
    return None if value == "" else value


Text = Annotated[str, AfterValidator(_encodable)]


class CustomerIn(Schema):
    """Who wrote, from the other platform's record. Masked wherever it stands in the message; never stored."""

    name: Text = Field(default="", max_length=200, examples=["Lena Haas"])
    email: Text = Field(default="", max_length=254, examples=["lena@haas.example"])
    phone: Text = Field(default="", max_length=40, examples=["+49 30 901820"])
    tier: Annotated[Customer.Tier | None, BeforeValidator(_or_none)] = Field(
        default=None, description="Rule 2 of the routing rules looks at it.", examples=["paid"]
    )

    @property
    def person(self) -> Person:
        return Person(self.name, self.email, self.phone)


class MessageIn(Schema):
    """One message of a customer. At least one of subject and body has words."""

    id: Text = Field(default="", max_length=200, description="Yours; it comes back with the answer.", examples=["8412"])
    subject: Text = Field(default="", max_length=SUBJECT, examples=["Charged twice"])
    body: Text = Field(
        default="",
        max_length=BODY,
        description="As the customer wrote it. Quoted mails below it and signatures are left out here, and of a longer "
        f"message the first {READ:,} characters are read.",
        examples=["Hello, my card was charged twice in May. Please send one payment back today.\n\nLena Haas"],
    )
    format: Literal["text", "html"] = Field(default="text", description="What the body is.")
    customer: CustomerIn = Field(default_factory=CustomerIn)

    @model_validator(mode="after")
    def _something_to_read(self) -> "MessageIn":
        if not any(each.isalnum() for each in self.subject + self.body):
            raise ValueError("Subject and body have no words")
        return self


class BatchIn(Schema):
    items: list[MessageIn] = Field(min_length=1, max_length=BATCH)


class SignalOut(Schema):
    kind: Kind = Field(examples=["refund"])
    words: str = Field(description="The words of the message that show it.", examples=["Please send one payment back"])


class TriageOut(Schema):
    """The same that an agent of this desk would see for this message."""

    id: str = Field(description="As you sent it.", examples=["8412"])
    category: str | None = Field(
        description="The short name of a category of this desk; null if it is none of them.", examples=["billing"]
    )
    confidence: float = Field(
        ge=0,
        le=1,
        description="Of the category, or that it is none. Calibrated: 0.8 is right 8 times in 10.",
        examples=[0.94],
    )
    sentiment: Triage.Sentiment | None = Field(
        description="null if the classifier was not trained for it.", examples=["negative"]
    )
    urgency: int | None = Field(ge=1, le=5, description="5 is the most urgent.", examples=[4])
    urgency_level: Level | None = Field(description="1 and 2: low, 3: medium, 4 and 5: high.", examples=["high"])
    escalation_risk: bool = Field(
        description="The classifier expects that this needs somebody above first line, or there is a sensitive signal.",
        examples=[False],
    )
    should_escalate: bool = Field(
        description="By this desk’s routing rules a person takes it at once, and nothing is drafted.", examples=[False]
    )
    handling: Route.Handling = Field(description="Who handles it by the routing rules.", examples=["ai_and_human"])
    signals: list[SignalOut] = Field(description="Sensitive signals and requests, whatever the category.")
    language: str = Field(description="ISO 639-1, empty if not certain.", examples=["en"])
    team: str | None = Field(description="The short name of the team that the rules name.", examples=["billing"])
    reason: str = Field(
        description="One or two sentences that quote the words that decided, and name the routing rule.",
        examples=[
            "Billing, 94% certain: “Hello, my card was charged twice in May.” "
            "Rule 1: the request “Wants money back”: “Please send one payment back”."
        ],
    )
    classifier: int = Field(description="The number of the classifier in use (Team › Triage).", examples=[1])


class BatchOut(Schema):
    items: list[TriageOut] = Field(description="One for each message, in the same order.")
