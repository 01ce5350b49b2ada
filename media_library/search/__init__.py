"""Word search over media entries: what is indexed, how changes are followed, and finding (docs/adr/0028)."""
