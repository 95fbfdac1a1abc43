"""Short German dates with the month as a word, as in English."""

MONTH_DAY_FORMAT = "j. M"
SHORT_DATE_FORMAT = "j. M Y"
SHORT_DATETIME_FORMAT = "j. M Y, H:i"
