"""Database features beyond the ORM: COPY, compact JSON, encrypted columns, prepared look-ups."""
