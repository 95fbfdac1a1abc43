"""Where Django's English dates differ from ours: the day comes first, so that nobody mistakes it for the month."""

MONTH_DAY_FORMAT = "j M"
SHORT_DATE_FORMAT = "j M Y"
SHORT_DATETIME_FORMAT = "j M Y, H:i"
