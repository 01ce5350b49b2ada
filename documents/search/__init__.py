"""Search of what is published: what of a publication is indexed, following what happens, and finding (spec 3.25)."""
