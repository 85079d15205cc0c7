"""Kills, restarts, lost sockets, a bad Slack and a bad model: is every question answered once?"""
