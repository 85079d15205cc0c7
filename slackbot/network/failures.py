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

UNKNOWN_AUTHORITY_CODES = frozenset({2, 18, 19, 20, 21})
"""Of OpenSSL: https://docs.openssl.org/master/man3/X509_STORE_CTX_get_error/#error-codes"""


def network_error(error: BaseException) -> ConfigError | None:
    """The setting to look at, if the error, or what caused it, is a fault on the way."""
    for each in causes(error):
        match each:
            case ClientConnectorCertificateError(certificate_error=fault):
                return _untrusted(each.host, fault)
            case ssl.SSLCertVerificationError():  # in httpx2's
                return _untrusted("the server", each)
            case ClientProxyConnectionError():
                proxy = f"{each.host}:{each.port}"
                return ConfigError(PROXY, texts.PROXY_UNREACHABLE.format(proxy=proxy))
            case ClientHttpProxyError(status=status) if status == CREDENTIALS_WANTED:
                return ConfigError(PROXY, texts.PROXY_CREDENTIALS)
            case ClientHttpProxyError(status=status):
                host = each.request_info.url.host
                return ConfigError(PROXY, texts.PROXY_REFUSES.format(host=host, status=status))
    return None


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error, what caused it, and what it holds: a group's errors, or httpcore2's own cause.

    `__context__` is left out: an earlier try may be there, which failed for another reason.
    """
    while error is not None:
        yield error
        held = error.exceptions if isinstance(error, BaseExceptionGroup) else error.args
        for each in held:
            if isinstance(each, BaseException):
                yield from causes(each)
        error = error.__cause__


def _untrusted(host: str, fault: Exception) -> ConfigError:
    is_unknown = getattr(fault, "verify_code", 0) in UNKNOWN_AUTHORITY_CODES
    sentence = texts.UNTRUSTED_CERTIFICATE if is_unknown else texts.INVALID_CERTIFICATE
    problem = getattr(fault, "verify_message", "") or type(fault).__name__
    return ConfigError(CERTIFICATE_FILE, sentence.format(host=host, problem=problem))
