"""How the bot reaches Slack, the model and everything else on the network.

For each address it says which proxy is used, and which certificates are trusted. Whatever opens a
connection gets its options here, so that all of them go the same way.
"""

from slackbot.network.network import DIRECT, Network
from slackbot.network.proxies import Proxies, Proxy

__all__ = ["DIRECT", "Network", "Proxies", "Proxy"]
