"""Whether anything answers at an address, for `slackbot check`."""

from urllib.parse import urlsplit

from aiohttp import ClientError, ClientTimeout

from slackbot.errors import SlackbotError
from slackbot.network import texts
from slackbot.network.failures import network_error
from slackbot.network.network import Network
from slackbot.network.sessions import open_session

TIMEOUT_SECONDS = 10.0


async def reach(network: Network, url: str) -> None:
    """Returns if there is any answer. Raises SlackbotError, which names the host, if there is none.

    A WebSocket is not opened, since Slack would send events over it.
    """
    timeout = ClientTimeout(total=TIMEOUT_SECONDS)
    async with open_session(network, max_connections=1, timeout=timeout) as session:
        try:
            async with session.get(url.replace("ws", "http", 1), allow_redirects=False):
                pass
        except (ClientError, TimeoutError, OSError) as err:
            host = urlsplit(url).hostname
            raise network_error(err) or SlackbotError(texts.NO_ANSWER.format(host=host)) from err
