"""Attacks on the running bot, by kind: each test does what an attacker does, over the real wire.

docs/security.md says what each layer keeps; every promise of that page has its attack here.
"""
