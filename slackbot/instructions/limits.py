"""How long instructions and what belongs to them may be."""

MAX_INSTRUCTIONS_CHARS = 12_000

MAX_ALLOWED_AT_ONCE = 20
"""How many people one `allow` takes: Slack is asked about each."""

MAX_MODEL_NAME_CHARS = 150
"""Slack's menus take no longer values:
https://docs.slack.dev/reference/block-kit/composition-objects/option-object
"""

MAX_PROMPTS = 4
"""Suggested prompts that Slack shows:
https://docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts
"""

MAX_PROMPT_CHARS = 300

MAX_FIELD_CHARS = 3_000
"""Characters that a field of a form takes:
https://docs.slack.dev/reference/block-kit/block-elements/plain-text-input-element
"""
