"""What the bot is told to be: settings for a workspace, its channels and its threads.

Admins change them with `/instructions`, in a form, or in a YAML file. Each change is a revision of
a history that only grows.
"""

from slackbot.instructions.command_parser import Command, find_command, parse_command
from slackbot.instructions.commands import InstructionsCommands
from slackbot.instructions.form import Form, FormValues
from slackbot.instructions.form_metadata import FormMetadata
from slackbot.instructions.form_service import FormOptions, InstructionsForms, SaveResult
from slackbot.instructions.instruction_text import validate_instructions
from slackbot.instructions.limits import (
    MAX_FIELD_CHARS,
    MAX_INSTRUCTIONS_CHARS,
    MAX_MODEL_NAME_CHARS,
    MAX_PROMPT_CHARS,
    MAX_PROMPTS,
)
from slackbot.instructions.overview import Overview, load_overview
from slackbot.instructions.revisions import ChangeRecord, History, Revision, SettingsChange
from slackbot.instructions.scopes import Scope
from slackbot.instructions.service import InstructionsService
from slackbot.instructions.settings import NO_SETTINGS, EffectiveSettings, Extra, ScopeSettings
from slackbot.instructions.text_reader import TextReader
from slackbot.instructions.yaml_file import InstructionsFile, parse_yaml

__all__ = [
    "MAX_FIELD_CHARS",
    "MAX_INSTRUCTIONS_CHARS",
    "MAX_MODEL_NAME_CHARS",
    "MAX_PROMPTS",
    "MAX_PROMPT_CHARS",
    "NO_SETTINGS",
    "ChangeRecord",
    "Command",
    "EffectiveSettings",
    "Extra",
    "Form",
    "FormMetadata",
    "FormOptions",
    "FormValues",
    "History",
    "InstructionsCommands",
    "InstructionsFile",
    "InstructionsForms",
    "InstructionsService",
    "Overview",
    "Revision",
    "SaveResult",
    "Scope",
    "ScopeSettings",
    "SettingsChange",
    "TextReader",
    "find_command",
    "load_overview",
    "parse_command",
    "parse_yaml",
    "validate_instructions",
]
