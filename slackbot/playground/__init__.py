"""The playground: the real bot in a local Slack workspace, with a page and a terminal.

Its fakes of Slack and OpenAI are also what the tests run against.
"""

from slackbot.playground.model_choice import ChosenModel, choose_model
from slackbot.playground.playground import Playground, bot_environment, run_playground
from slackbot.playground.seed import DEFAULT_SEED, Seed, read_seed
from slackbot.playground.terminal import converse

__all__ = [
    "DEFAULT_SEED",
    "ChosenModel",
    "Playground",
    "Seed",
    "bot_environment",
    "choose_model",
    "converse",
    "read_seed",
    "run_playground",
]
