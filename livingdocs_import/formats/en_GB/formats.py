"""24-hour clock with seconds, for comparison with logs."""

DATETIME_FORMAT = "j M Y, H:i:s"
SHORT_DATETIME_FORMAT = "j M Y, H:i:s"
TIME_FORMAT = "H:i:s"
