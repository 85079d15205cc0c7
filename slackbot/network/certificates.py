"""The certificates that are trusted: the system's, and those in SSL_CERT_FILE and SSL_CERT_DIR.

The variables are OpenSSL's: https://docs.openssl.org/master/man7/openssl-env/. To OpenSSL they
replace the system's certificates; here they add to them, so that the file of a company's own
authority is enough.
"""

import ssl
from collections.abc import Mapping
from os import pathsep
from pathlib import Path

from slackbot.errors import ConfigError
from slackbot.network import texts

CERTIFICATE_FILE, CERTIFICATE_FOLDERS = "SSL_CERT_FILE", "SSL_CERT_DIR"


def read_certificates(environment: Mapping[str, str]) -> ssl.SSLContext | None:
    """None if nothing is added. Raises ConfigError for a file or folder that can't be used."""
    file = environment.get(CERTIFICATE_FILE, "").strip()
    folders = [each for each in environment.get(CERTIFICATE_FOLDERS, "").split(pathsep) if each]
    if not file and not folders:
        return None
    context = ssl.create_default_context()
    system = ssl.get_default_verify_paths()
    for known in (system.openssl_cafile, system.openssl_capath):
        _add_known(context, Path(known))
    if file:
        _add_file(context, file)
    for folder in folders:
        if not Path(folder).is_dir():
            raise ConfigError(CERTIFICATE_FOLDERS, texts.NOT_A_FOLDER)
        context.load_verify_locations(capath=folder)
    return context


def _add_known(context: ssl.SSLContext, path: Path) -> None:
    """Adds the system's own, which the variables hide from OpenSSL."""
    if path.is_file():
        context.load_verify_locations(cafile=path)
    elif path.is_dir():
        context.load_verify_locations(capath=path)


def _add_file(context: ssl.SSLContext, file: str) -> None:
    try:
        context.load_verify_locations(cafile=file)
    except ssl.SSLError as err:
        raise ConfigError(CERTIFICATE_FILE, texts.NOT_CERTIFICATES) from err
    except OSError as err:
        raise ConfigError(CERTIFICATE_FILE, texts.FILE_UNREADABLE) from err
