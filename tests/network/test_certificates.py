"""The certificates that are trusted in addition to the system's."""

import os
import ssl
from pathlib import Path

import pytest
import trustme

from slackbot.errors import ConfigError
from slackbot.network.certificates import read_certificates


def trusted(context: ssl.SSLContext | None) -> set[bytes]:
    """The certificates that a context has loaded, as DER."""
    assert context is not None
    return set(context.get_ca_certs(binary_form=True))


def der(authority: trustme.CA) -> bytes:
    return ssl.PEM_cert_to_DER_cert(authority.cert_pem.bytes().decode())


def test_without_variables_nothing_is_added() -> None:
    """Libraries make contexts with the system's certificates by themselves, and so quicker."""
    assert read_certificates({"SSL_CERT_FILE": " ", "SSL_CERT_DIR": ""}) is None


def test_a_file_adds_to_the_systems(tmp_path: Path) -> None:
    """The file of a company's own authority is enough: all others are still trusted."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "own.pem")
    context = read_certificates({"SSL_CERT_FILE": str(tmp_path / "own.pem")})
    assert trusted(context) == trusted(ssl.create_default_context()) | {der(authority)}
    assert context is not None
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname


def test_the_systems_stay_where_the_process_has_the_variable_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OpenSSL itself reads the variable, and would forget the system's file."""
    system = trusted(ssl.create_default_context())
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "own.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "own.pem"))
    assert trusted(read_certificates(os.environ)) == system | {der(authority)}


def test_several_in_one_file(tmp_path: Path) -> None:
    """A bundle counts as a whole."""
    authorities = [trustme.CA(), trustme.CA()]
    for each in authorities:
        each.cert_pem.write_to_path(tmp_path / "all.pem", append=True)
    context = read_certificates({"SSL_CERT_FILE": str(tmp_path / "all.pem")})
    assert trusted(context) >= set(map(der, authorities))


def test_several_folders(tmp_path: Path) -> None:
    """Folders are separated as in PATH, and each must exist."""
    (tmp_path / "one").mkdir()
    one, two = str(tmp_path / "one"), str(tmp_path / "two")
    assert read_certificates({"SSL_CERT_DIR": one}) is not None
    with pytest.raises(ConfigError, match="SSL_CERT_DIR names a folder that does not exist"):
        read_certificates({"SSL_CERT_DIR": os.pathsep.join((one, two))})


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "can't be read"),
        ("", "no certificates in PEM form"),
        ("not a certificate", "no certificates in PEM form"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "no certificates"),
    ],
)
def test_a_file_that_is_none(tmp_path: Path, content: str | None, problem: str) -> None:
    """One sentence says what is wrong, before anything is connected."""
    if content is not None:
        (tmp_path / "own.pem").write_text(content)
    with pytest.raises(ConfigError, match=f"^SSL_CERT_FILE names a file .*{problem}"):
        read_certificates({"SSL_CERT_FILE": str(tmp_path / "own.pem")})


def test_a_private_key_is_no_certificate(tmp_path: Path) -> None:
    """The wrong file of a pair is noticed."""
    key = trustme.CA().private_key_pem
    key.write_to_path(tmp_path / "own.key")
    with pytest.raises(ConfigError, match="no certificates in PEM form"):
        read_certificates({"SSL_CERT_FILE": str(tmp_path / "own.key")})
