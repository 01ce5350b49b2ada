"""What may come in: the limits of every door for requests, and checks that cost no more than what they look at."""
