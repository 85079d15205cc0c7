"""A deployment on Heroku, rehearsed: the Procfile's commands, and nothing in their environment but
what Heroku sets.

https://devcenter.heroku.com/articles/release-phase
https://devcenter.heroku.com/articles/connecting-heroku-postgres
"""

import asyncio
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import psycopg
import pytest
import trustme

from slackbot.playground.fake_openai.script import says
from slackbot.playground.postgres_server import HOST, MissingPostgresError, PostgresServer, account
from tests.harness import BotHarness
from tests.ports import quiet_port

ROOT = Path(__file__).parent.parent

PROCFILE = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
"""The command of each process type."""

TERM_SECONDS = 30.0
"""Between SIGTERM and SIGKILL: https://devcenter.heroku.com/articles/dynos#shutdown"""

ONLY_TLS = "hostssl all all 127.0.0.1/32 scram-sha-256\n"


@pytest.fixture
def database(authority: trustme.CA) -> Iterator[str]:
    """The address of a database as Heroku writes it; without TLS and a password nobody gets in."""
    folder = Path(tempfile.mkdtemp())
    try:
        folder.chmod(0o755)
        certificate = authority.issue_cert(HOST)
        certificate.cert_chain_pems[0].write_to_path(str(folder / "server.crt"))
        certificate.private_key_pem.write_to_path(str(folder / "server.key"))
        if unprivileged := account():
            shutil.chown(folder / "server.key", unprivileged["user"])
        (folder / "server.key").chmod(0o600)
        files = (f"ssl_cert_file={folder}/server.crt", f"ssl_key_file={folder}/server.key")
        with PostgresServer("ssl=on", *files) as server:
            yield _with_password(server)
    except MissingPostgresError as error:
        pytest.skip(str(error))
    finally:
        shutil.rmtree(folder)


def _with_password(server: PostgresServer) -> str:
    address = server.create_database()
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("ALTER USER slackbot PASSWORD 'p1a2b3'")
        ((rules,),) = connection.execute("SHOW hba_file").fetchall()
        Path(rules).write_text(ONLY_TLS)
        connection.execute("SELECT pg_reload_conf()")
    address = address.replace("postgresql://slackbot@", "postgres://slackbot:p1a2b3@")
    with pytest.raises(psycopg.OperationalError, match="no encryption"):
        psycopg.connect(f"{address}?sslmode=disable")
    return f"{address}?sslmode=require"


@pytest.fixture
def config_vars(harness: BotHarness, database: str) -> Mapping[str, str]:
    """What `heroku config:set` and the database's add-on set."""
    names = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_API_URL", "OPENAI_API_KEY")
    given = {name: harness.environment[name] for name in (*names, "OPENAI_BASE_URL")}
    return {**given, "OPENAI_MODEL": "scripted", "DATABASE_URL": database}


@asynccontextmanager
async def dyno(
    kind: str, config_vars: Mapping[str, str], folder: Path
) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """A process of the Procfile, and the address of its port. It is killed at the end."""
    port = str(quiet_port())
    programs = Path(sys.executable).parent
    process = await asyncio.create_subprocess_exec(
        *("/usr/bin/env", "-i", f"PATH={programs}:/usr/bin:/bin", f"HOME={folder}", "LANG=C.UTF-8"),
        *(
            f"DYNO={kind}.1",
            f"PORT={port}",
            *(f"{key}={value}" for key, value in config_vars.items()),
        ),
        *("/bin/sh", "-c", f"exec {PROCFILE[kind]}"),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        yield process, f"http://{HOST}:{port}"
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def connected(process: asyncio.subprocess.Process) -> None:
    assert process.stdout is not None
    read = []
    while line := (await process.stdout.readline()).decode():
        read.append(line)
        if line.startswith("listening"):
            return
    pytest.fail("".join(read))


async def ready(url: str) -> int:
    async with aiohttp.ClientSession() as session, session.get(f"{url}/readyz") as answer:
        return answer.status


async def test_a_deployment(
    harness: BotHarness, config_vars: Mapping[str, str], tmp_path: Path
) -> None:
    """The release phase makes the tables. Of two web dynos, one gets SIGTERM in the middle of an
    answer: it ends in time, and the other one finishes the answer in the same message.
    """
    async with dyno("release", config_vars, tmp_path) as (release, _):
        output, _ = await release.communicate()
        assert release.returncode == 0, output.decode()
    with psycopg.connect(config_vars["DATABASE_URL"]) as connection:
        connection.execute("SELECT FROM leases")
    harness.model.enqueue(says("one two three").held(after=1), "one two three four")
    async with (
        dyno("web", config_vars, tmp_path) as (first, first_url),
        dyno("web", config_vars, tmp_path) as (second, second_url),
    ):
        for process, url in ((first, first_url), (second, second_url)):
            await connected(process)
            assert await ready(url) == 200
        question = await harness.mention("count")
        await harness.answered(question, "one")
        with psycopg.connect(config_vars["DATABASE_URL"]) as connection:
            ((owner,),) = connection.execute("SELECT owner FROM leases").fetchall()
        ending, staying = (first, second) if f"-{first.pid}-" in owner else (second, first)
        ending.send_signal(signal.SIGTERM)
        async with asyncio.timeout(TERM_SECONDS):
            await ending.communicate()
        assert ending.returncode == 0
        await harness.answered(question, "one two three four")
        assert len(harness.answers(question)) == 1
        staying.send_signal(signal.SIGTERM)
        async with asyncio.timeout(TERM_SECONDS):
            await staying.communicate()
        assert staying.returncode == 0


async def test_a_release_that_would_not_work(
    config_vars: Mapping[str, str], tmp_path: Path
) -> None:
    """A wrong token, or a database's password that was changed, keeps the version that runs."""
    wrong = config_vars["DATABASE_URL"].replace("p1a2b3", "old")
    for change in ({"SLACK_BOT_TOKEN": "xoxb-wrong"}, {"DATABASE_URL": wrong}):
        async with dyno("release", {**config_vars, **change}, tmp_path) as (release, _):
            output, _ = await release.communicate()
        assert release.returncode == 1
        assert "p1a2b3" not in output.decode()
        (failed,) = re.findall(r"^failed .*", output.decode(), re.MULTILINE)
        assert any(variable in failed for variable in change)


def test_the_hook_of_the_build() -> None:
    """Heroku's buildpack installs no extra by itself; the hook names one that there is."""
    hook = (ROOT / "bin" / "post_compile").read_text()
    (command,) = re.findall(r"^uv sync .*", hook, re.MULTILINE)
    uv = shutil.which("uv") or str(Path(sys.executable).parent / "uv")
    done = subprocess.run(  # noqa: S603 - the command of our own file
        [uv, *command.split()[1:], "--dry-run", "--offline"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
