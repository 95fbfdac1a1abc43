"""Who may see the figures about the team and its drafts."""

from config.roles import Capability
from config.web.access import require

figures_required = require(Capability.SEE_FIGURES)
