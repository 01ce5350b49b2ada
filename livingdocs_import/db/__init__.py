"""Database features beyond the ORM: COPY (`bulk_copy`), compact JSON (`json_field`), encrypted columns
(`encrypted_field`), prepared look-ups (`lookups`, `prepared`), indexes built online (`operations`).
"""
