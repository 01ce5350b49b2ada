"""Validation of all input: JSON is read strictly and in bounds, then checked; every problem has its path.

`strict_json` reads bodies, `json_schema` checks requests, `json_reader` configurations, `value_types` the values of
metadata. All of them, and the check of a document's content, add to `problems.Problems`. All caps are in `limits`.
"""
