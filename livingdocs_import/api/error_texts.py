"""The documented texts of errors that any endpoint may return, word by word (spec 2.4, AUTH-05).

The text of a full quota is in `imports/quotas.py`.
"""

PHRASES = {413: "Payload Too Large", 429: "Usage Limit Exceeded"}
TOO_MANY_INVALID_TOKENS = "Too many invalid access tokens. Try again in {seconds} seconds."
INSUFFICIENT_SCOPE = {"access_token": "The request requires higher privileges"}  # AUTH-05, without a full stop
