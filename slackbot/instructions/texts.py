"""Every sentence about instructions that people read, in Slack or on the command line.

Sentences are in Slack's markup, and the text that people put into them is not escaped here.
"""

from collections.abc import Mapping

from slackbot.conversation.addressing import Answering
from slackbot.conversation.roles import Role
from slackbot.instructions.limits import (
    MAX_ALLOWED_AT_ONCE,
    MAX_INSTRUCTIONS_CHARS,
    MAX_MODEL_NAME_CHARS,
    MAX_PROMPT_CHARS,
    MAX_PROMPTS,
)
from slackbot.instructions.scopes import Presence, Scope

HELP = f"""\
*Instructions tell me what I am and how to answer.* These commands are about this channel. Start \
with `workspace` for the whole workspace: `/instructions workspace set TEXT`.
• `/instructions`: open a form for the instructions, the model, and which messages I answer
• `/instructions show`: see what applies here and where it is set
• `/instructions set TEXT`, `append TEXT`: replace the text, or add to it; up to \
{MAX_INSTRUCTIONS_CHARS:,} characters in total
• `/instructions reset`: remove this channel's settings, so that the workspace's apply
• `/instructions history`, `undo`, `restore NUMBER`: see earlier versions, and go back to one
• `/instructions allow @person`, `disallow @person`, `who`: manage who can change this channel's \
instructions
• `/instructions help`: show this list
To change a single thread, mention me in it: `@me instructions set TEXT`."""

ANSWERING: Mapping[Answering, str] = {
    "follow-ups": "mentions, and follow-ups in their threads",
    "mentions": "mentions only",
    "never": "nothing (switched off)",
}

EXTRAS: Mapping[str, str] = {"speech": "spoken answers", "search": "web search"}

PART_NAMES: Mapping[str, str] = {
    "text": "Instructions",
    "model": "Model",
    "answering": "Replies to",
    "extras": "Extras",
    "prompts": "Suggested prompts",
}
"""What people call the fields of ScopeSettings."""

NONE = "none"
NOT_SET = "not set"
NO_CHANGES = "no changes"
DEFAULT_SOURCE = "the bot's default"
FROM_A_FILE = "from an imported file"
AN_IMPORT = "An imported file"

PERMISSIONS_UNKNOWN = "I couldn't check your permissions with Slack. Please try again in a minute."
NOT_IN_CHANNEL = "I'm not in this channel, so I didn't change anything. Invite me first."
ARCHIVED_CHANNEL = "This channel is archived, so I didn't change anything."
ABSENCES: Mapping[Presence, str] = {"absent": NOT_IN_CHANNEL, "archived": ARCHIVED_CHANNEL}
ADMINS_ONLY = "Only admins of the workspace can choose who else can change instructions."
OUTSIDERS_NOT_ALLOWED = (
    "Guests, bots and people from other organisations can't change instructions."
)
MEMBERS_CHANGE = (
    "You can't change my instructions: they are for members of this workspace, not for guests and "
    "people from other organisations."
)
READERS_ONLY = (
    "My instructions and their history are for members of this workspace. I can't show them to "
    "guests and people from other organisations."
)
CHANNEL_READERS_ONLY = (
    "A channel's instructions and their history are for people who can see the channel, and Slack "
    "doesn't tell me that you can. Invite me to it, or use `/instructions workspace show`."
)
TOO_MANY_PEOPLE = f"Mention at most {MAX_ALLOWED_AT_ONCE} people at a time."
MENTION_SOMEBODY = "Mention the person: `/instructions allow @person`."
CHANNELS_ONLY = "You can allow people for a channel only. Leave out the word `workspace`."
WHICH_VERSION = "Say which version, for example `restore 3`. Use `history` to list them."
NOTHING_TO_UNDO = "There is nothing to undo here."
EMPTY_INSTRUCTIONS = "The instructions are empty. Write some text first."
UNREADABLE = "can't be read"
REPLACED_UNREADABLE = (
    "The version before can't be read: check the model and the other settings too."
)
ENTER_A_QUESTION = "Enter a question first."


def scope_name(scope: Scope) -> str:
    """How a scope is called by somebody who is there."""
    if scope.thread:
        return "this thread"
    return "this channel" if scope.channel else "the whole workspace"


def scope_location(scope: Scope) -> str:
    """How a scope is called elsewhere."""
    channel = f"<#{scope.channel}>" if scope.channel else scope_name(scope)
    return f"a thread in {channel}" if scope.thread else channel


def cannot_change(scope: Scope) -> str:
    if scope.thread:
        people = "admins and the person who started the thread"
    else:
        people = "admins and the people they allowed" if scope.channel else "admins"
    return (
        f"You can't change the instructions for {scope_name(scope)}. Only {people} can. "
        "Use `who` to see who they are."
    )


def cannot_read(role: Role) -> str:
    return READERS_ONLY if role < Role.MEMBER else CHANNEL_READERS_ONLY


def who_can_change(scope: Scope, admins: str, allowed: str) -> str:
    """`admins` and `allowed` are mentions, or empty: the people in SLACKBOT_ADMINS, and those
    whom an admin allowed for the channel.
    """
    lines = ["owners and admins of the workspace"]
    lines += [f"{admins}, named in the bot's settings"] if admins else []
    lines += [f"{allowed}, allowed by an admin"] if allowed else []
    lines += ["the person who started the thread"] if scope.thread else []
    head = f"These people can change the instructions for {scope_name(scope)}:"
    return "\n• ".join((head, *lines))


def too_long(length: int) -> str:
    return (
        f"The instructions are too long: {length:,} characters. "
        f"The limit is {MAX_INSTRUCTIONS_CHARS:,}."
    )


def no_such_version(number: int, last: int) -> str:
    if last == 0:
        return f"There is no version {number}: nothing has been set here yet."
    return f"There is no version {number}. Choose one from 1 to {last}."


def unreadable_version(number: int) -> str:
    return f"Version {number} can't be read. Choose another one: use `history` to list them."


def unreadable_here(scope: Scope) -> str:
    """What people read instead of an answer; `scope` is the one that can't be read."""
    return (
        f"I can't read my instructions for {scope_name(scope)}, so I don't answer here until an "
        "admin sets them again."
    )


def unreadable(scope: Scope, number: int) -> str:
    """What admins read, wherever they are."""
    command = "/instructions workspace" if not scope.channel else "/instructions"
    if scope.thread:
        command = "@me instructions"
    return (
        f"Version {number} of the instructions for {scope_location(scope)} can't be read, so I "
        f"don't answer there. Use `{command} history` there to find an earlier version and "
        f"`{command} restore NUMBER` to go back to it, or set new instructions."
    )


def cannot_append(number: int) -> str:
    return f"Version {number} can't be read, so I can't add to it. Use `set` or `restore NUMBER`."


def unreadable_change(scope: Scope, number: int) -> str:
    return f"Version {number} for {scope_location(scope)} {UNREADABLE}"


def unchanged(scope: Scope) -> str:
    return f"Nothing changed: {scope_name(scope)} already has these settings."


def source(scope: Scope | None) -> str:
    """Where a text is set."""
    return DEFAULT_SOURCE if scope is None else f"set for {scope_name(scope)}"


def current(scope: Scope, text_source: str, details: str, text: str) -> str:
    """What applies in a scope."""
    return f"*Instructions for {scope_name(scope)}* ({text_source})\n{details}\n>>> {text}"


def saved(scope: Scope, number: int) -> str:
    return f"Saved version {number} for {scope_name(scope)}. Use `undo` to go back."


def history_title(scope: Scope) -> str:
    return f"Versions for {scope_name(scope)}, newest first:"


def no_history(scope: Scope) -> str:
    return f"Nothing has been set for {scope_name(scope)} yet."


def restored(number: int) -> str:
    return f" (restores version {number})" if number else ""


def channel_note(name: str) -> str:
    """What a channel reads after somebody changed its instructions; `name` is theirs."""
    return (
        f"{name} changed my instructions for this channel. Use `/instructions show` to read them."
    )


# In a file of instructions

FILE = "the file"
FILE_KEYS = "a mapping with `workspace` or `channels`"
FILE_TOO_LONG = "The file is too long: the most is 10 million characters."
MAPPING = "a mapping"
TEXT = "a text"
TEAM_ID = "a workspace ID (T…)"
CHANNEL_ID = "a channel ID (C…)"
MODEL_NAME = f"the name of a model, up to {MAX_MODEL_NAME_CHARS} characters"
PROMPT_LIST = f"a list of 1 to {MAX_PROMPTS} texts"
PROMPT_LENGTH = f"texts of 1 to {MAX_PROMPT_CHARS} characters"


def must_be(place: str, expected: str) -> str:
    """A mistake in a file; `place` is the path to it, such as `channels.C012AB3CD.text`."""
    return f"{place} must be {expected}."


def invalid_yaml(line: int | None) -> str:
    where = "" if line is None else f": see line {line}"
    return f"This is not valid YAML{where}."


def duplicate_key(key: str, line: int) -> str:
    return f"The key {key} is there twice in the mapping that begins in line {line}."
