"""Work that is kept in rows: how workers are told of it."""
