"""The chaos run: kills, lost sockets, and faults of Slack and the model."""
