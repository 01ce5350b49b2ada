"""What the service asks of the database beyond the ORM: COPY, compact JSON, encrypted columns, prepared look-ups."""
