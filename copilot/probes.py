"""What `manage.py doctor` asks about drafting."""

from django.conf import settings

from config.running.doctor import Answer, degraded, ok, probe
from copilot.drafting import min_score

MEASURE = "Set DRAFT_MIN_SCORE to what manage.py evaluate_refusals --cases F suggests."


@probe("draft score")
def min_score_of_drafts() -> Answer:
    """Whether it is known for the writer, and where it comes from."""
    wanted = min_score.of_writer()
    writer = settings.COPILOT_MODEL if settings.LLM_EMBEDDED else f"the writer at {settings.LLM_BASE_URL}"
    number = f"minimum score {wanted.value:.2f} for {writer}"
    match wanted.source:
        case "measured":
            return ok(f"{number}, measured")
        case "set":
            return ok(f"{number}, set by DRAFT_MIN_SCORE" + ("" if wanted.value else ": it is not asked"))
        case "cautious":
            return degraded(f"{number}: nobody has measured this writer, so its own yes or no decides", MEASURE)
