"""Outbound HTTP to addresses that clients name: checked against SSRF, bounded in bytes and time, spared when silent.

`ssrf` says which addresses may be connected to, `connection` is the only place that connects, `client` sends all
requests. `download` and `post` are the two calls that the rest of the service makes; `errors` is what they raise. What
workers know of hosts is in `circuits` and `host_limits`.
"""
