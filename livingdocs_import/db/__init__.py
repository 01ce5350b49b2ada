"""What we ask of the database beyond Django's ORM."""
