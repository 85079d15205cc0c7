"""What is wrong where a connection fails on the way: at a proxy, or for a certificate."""

import ssl
from collections.abc import Iterator

from aiohttp import (
    ClientConnectorCertificateError,
    ClientHttpProxyError,
    ClientProxyConnectionError,
)

from slackbot.errors import ConfigError
from slackbot.network import texts
from slackbot.network.certificates import CERTIFICATE_FILE

PROXY = "HTTPS_PROXY"

CREDENTIALS_WANTED = 407


def network_error(error: BaseException) -> ConfigError | None:
    """The setting to look at, if the error, or what caused it, is a fault on the way."""
    for each in _causes(error):
        match each:
            case ClientConnectorCertificateError(certificate_error=ssl.SSLError() as fault):
                problem = getattr(fault, "verify_message", "") or fault.reason
                return ConfigError(
                    CERTIFICATE_FILE,
                    texts.UNTRUSTED_CERTIFICATE.format(host=each.host, problem=problem),
                )
            case ssl.SSLCertVerificationError(verify_message=problem):  # in httpx2
                sentence = texts.UNTRUSTED_CERTIFICATE.format(host="the server", problem=problem)
                return ConfigError(CERTIFICATE_FILE, sentence)
            case ClientProxyConnectionError():
                proxy = f"{each.host}:{each.port}"
                return ConfigError(PROXY, texts.PROXY_UNREACHABLE.format(proxy=proxy))
            case ClientHttpProxyError(status=status) if status == CREDENTIALS_WANTED:
                return ConfigError(PROXY, texts.PROXY_CREDENTIALS)
            case ClientHttpProxyError(status=status):
                host = each.request_info.url.host
                return ConfigError(PROXY, texts.PROXY_REFUSES.format(host=host, status=status))
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error, what caused it, and the errors of a group."""
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for each in error.exceptions:
                yield from _causes(each)
        error = error.__cause__
