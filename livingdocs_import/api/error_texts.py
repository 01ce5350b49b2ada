"""The documented texts of errors that any endpoint may return, word by word (spec 2.4, QUO-02, AUTH-05)."""

PHRASES = {413: "Payload Too Large", 429: "Usage Limit Exceeded"}
USAGE_LIMIT_EXCEEDED = (
    "Your plan does not allow you to upload more than {limit} per day.\n"
    "      You already uploaded {used} in the last 24 hours and are trying to upload {requested} more.\n"
    "      Please try again later."
)
TOO_MANY_INVALID_TOKENS = "Too many invalid access tokens. Try again in {seconds} seconds."
INSUFFICIENT_SCOPE = {"access_token": "The request requires higher privileges"}  # AUTH-05, without a full stop
