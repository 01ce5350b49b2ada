"""Commands about jobs, hosts and workers."""
