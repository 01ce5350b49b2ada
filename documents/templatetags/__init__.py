"""What the admin's templates ask of documents by themselves."""
