"""Scripted servers that refuse what the real ones of their names refuse, in the same words.

`profiles.py` lists them, `test_servers.py` lets the same two people talk with each, and the table
in docs/servers.md is made from the profiles: `python -m docs.servers`.
"""
