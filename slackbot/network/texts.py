"""The sentences about proxies and certificates, for the person who runs the bot.

Those that begin in the middle complete one that begins with a variable's name.
"""

NOT_A_PROXY = (
    "is not the address of a proxy: use, for example, http://proxy.example.com:3128, or "
    "http://USER:PASSWORD@proxy.example.com:3128 with special characters percent-encoded."
)
SOCKS_PROXY = (
    "names a SOCKS proxy, which the bot can't use: name an HTTP proxy, for example "
    "http://proxy.example.com:3128."
)
PROXY_UNREACHABLE = "names a proxy that can't be reached: {proxy}."
PROXY_CREDENTIALS = (
    "names a proxy that does not take the user name and password (407): write them as "
    "http://USER:PASSWORD@proxy.example.com:3128, with special characters percent-encoded."
)
PROXY_REFUSES = "names a proxy that did not let the bot through to {host} (status {status})."

FILE_UNREADABLE = "names a file that can't be read: check its path and its permissions."
NOT_CERTIFICATES = "names a file that holds no certificates in PEM form."
NOT_A_FOLDER = "names a folder that does not exist."
UNTRUSTED_CERTIFICATE = (
    "does not vouch for the certificate of {host} ({problem}): set it to a PEM file with the "
    "certificate of the authority that signed it, such as your proxy's own."
)
INVALID_CERTIFICATE = "can't make up for the certificate of {host}, which is not valid: {problem}."
"""`problem` is OpenSSL's, here and above."""

NO_ANSWER = "{host} can't be reached: check the network, and HTTPS_PROXY if there is a proxy."

DIRECTLY = "directly"
DIRECTLY_HERE = "directly (it is this machine)"
DIRECTLY_BY_RULE = "directly (NO_PROXY)"
THROUGH = "through {proxy}"
