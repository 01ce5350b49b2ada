"""What clients and commands ask for: the shapes of items and batches, checked before anything is stored."""
