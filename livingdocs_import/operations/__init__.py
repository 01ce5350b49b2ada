"""Operations on more rows than one request carries out: frozen, confirmed, and done by workers (docs/adr/0040)."""
