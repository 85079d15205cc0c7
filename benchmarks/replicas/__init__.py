"""Measures replicas on PostgreSQL next to one process on SQLite."""
