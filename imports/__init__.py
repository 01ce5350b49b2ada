"""Import jobs and their items, from POST to completion."""
