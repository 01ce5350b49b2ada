"""Outbound HTTP to addresses that clients name: checked against SSRF, bounded in bytes and time, throttled per host.

`ssrf` decides which addresses may be connected to, `connection` is the only module that opens connections, `client`
sends all requests. `download` and `post` are the two calls that the rest of the service makes; `errors` is what they
raise. `circuits` and `host_limits` hold what a worker knows about hosts.
"""
