"""Outbound connections to addresses that clients name."""
