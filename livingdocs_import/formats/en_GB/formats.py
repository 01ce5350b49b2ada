"""To the second and on a clock of 24 hours: what is read here is compared with logs."""

DATETIME_FORMAT = "j M Y, H:i:s"
SHORT_DATETIME_FORMAT = "j M Y, H:i:s"
TIME_FORMAT = "H:i:s"
