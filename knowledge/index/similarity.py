"""How similar two texts are, on a scale that does not depend on the embedder.

The cosine of unrelated sentences is about 0.1 with one embedder and 0.5 with another, so a minimum for the cosine
would have to be chosen for each. On this scale 0 is the average of unrelated questions to a support desk, and 1 is
the same text.
"""

from collections.abc import Callable
from functools import cached_property

import numpy as np

Embed = Callable[[list[str]], np.ndarray]

# Written for this purpose: each is about something different.
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
    """The scale of one embedder. The reference sentences are embedded once, on first use."""

    def __init__(self, embed: Embed) -> None:
        self.embed = embed

    @cached_property
    def unrelated(self) -> float:
        """The mean cosine of unrelated texts."""
        rows = self.embed(UNRELATED.strip().splitlines())
        above = np.triu_indices(len(rows), 1)
        return min(0.95, max(0.0, float((rows @ rows.T)[above].mean())))

    def scaled(self, cosine: float) -> float:
        """(cosine - unrelated) / (1 - unrelated), at least 0: 0 is unrelated, 1 is the same text."""
        return max(0.0, (cosine - self.unrelated) / (1 - self.unrelated))

    def cosine(self, scaled: float) -> float:
        """The cosine for a value on this scale: the inverse of `scaled`."""
        return self.unrelated + scaled * (1 - self.unrelated)
