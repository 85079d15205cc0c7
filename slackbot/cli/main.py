"""The application: its commands, its environment, and how a mistake ends it."""

import os
from collections.abc import Mapping
from importlib import import_module
from typing import IO, Any

import click
from click.shell_completion import CompletionItem

from slackbot.cli import env_file
from slackbot.cli.memory import close_memory
from slackbot.errors import SlackbotError
from slackbot.markdown.hidden_characters import for_terminal

COMMANDS = {
    "serve": "Run the bot.",
    "check": "Try the settings, the tokens, the model and the database.",
    "playground": "Try the bot in a Slack workspace on this machine.",
    "instructions": "Export the history of the instructions, or import a file.",
    "workspaces": "List who has installed the app, or remove a workspace.",
    "forget": "Delete what is stored about a person, a channel or a thread.",
    "backup": "Copy the database to a file, also while the bot runs.",
    "restore": "Put a backup in the place of the database.",
    "migrate": "Copy everything from one database to another.",
}
"""Each is a module next to this one; --help shows the sentence without importing it."""

EPILOG = """\
\b
Settings come from the environment and from a file .env.
Tab completion: put this line into ~/.bashrc (zsh_source for zsh, fish_source for fish):
  eval "$(_SLACKBOT_COMPLETE=bash_source slackbot)"
"""

INTERRUPTED = 130
"""What a shell expects after Ctrl-C: 128 and the number of SIGINT."""


class MistakeError(click.ClickException):
    """What the person at the command line has to put right: one line, exit code 2."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"slackbot: {for_terminal(self.message)}", file, err=True)


class Commands(click.Group):
    """Imports a command when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"slackbot.cli.{cmd_name}"), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        options = click.Command.shell_complete(self, ctx, incomplete)
        names = [name for name in COMMANDS if name.startswith(incomplete)]
        return [*(CompletionItem(name, help=COMMANDS[name]) for name in names), *options]

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SlackbotError as err:
            raise MistakeError(err.user_message) from err
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)


@click.group(cls=Commands, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="slackbot", message="slackbot %(version)s")
@click.pass_context
def app(context: click.Context) -> None:
    """An OpenAI assistant for Slack teams."""
    close_memory()
    context.obj = environment()


def environment() -> Mapping[str, str]:
    """The variables in `.env`, and those of the process, which win."""
    return {**env_file.variables(), **os.environ}


def main() -> None:
    app(prog_name="slackbot")
