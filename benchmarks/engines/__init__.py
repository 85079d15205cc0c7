"""What a job queue and durable workflows on PostgreSQL do under this bot's faults."""
