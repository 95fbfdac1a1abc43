"""How alike two texts are, on a scale that does not depend on the embedder.

Unrelated sentences have a cosine of about 0.1 with one embedder and of 0.5 with another, so a threshold on the cosine
would have to be chosen anew for each. Here 0 is what unrelated questions to a support desk have on average, and 1 is
the same text.
"""

from collections.abc import Callable
from functools import cached_property

import numpy as np

Embed = Callable[[list[str]], np.ndarray]

# Written for this purpose: each is about something else.
UNRELATED = """
Where can I download my invoice?
The app crashes when I open it on my phone.
Please delete my account and all my data.
How do I invite a colleague to the team?
My parcel has not arrived yet.
Can I pay by bank transfer?
The password link does not work.
I would like to speak to a manager.
Do you offer a discount for schools?
Is there a limit on the number of files?
When does the course start?
The page loads very slowly today.
Thank you for the quick help yesterday.
Can the report be sent every week?
We need a contract for data protection.
How do I connect my calendar?
The picture is blurred after the upload.
Which browsers do you support?
I want to suggest a new feature.
Can I change the date of my booking?
"""


class Likeness:
    """One embedder's scale; the reference sentences are embedded once, when first needed."""

    def __init__(self, embed: Embed) -> None:
        self.embed = embed

    @cached_property
    def unrelated(self) -> float:
        """The mean cosine of texts that have nothing to do with each other."""
        rows = self.embed(UNRELATED.strip().splitlines())
        above = np.triu_indices(len(rows), 1)
        return min(0.95, max(0.0, float((rows @ rows.T)[above].mean())))

    def scaled(self, cosine: float) -> float:
        """0 unrelated, 1 the same."""
        return max(0.0, (cosine - self.unrelated) / (1 - self.unrelated))

    def cosine(self, scaled: float) -> float:
        """The cosine that stands at this place of the scale: the inverse of `scaled`."""
        return self.unrelated + scaled * (1 - self.unrelated)
