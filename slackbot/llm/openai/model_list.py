"""Which of a server's models can hold a conversation.

https://platform.openai.com/docs/api-reference/models/list does not say what a model is for.
"""

import re

from slackbot.llm.openai.json_fields import field, text

OTHER_PURPOSES = re.compile(
    r"embed|moderation|whisper|transcribe|tts|realtime|dall-e|image|sora|rerank|babbage|davinci"
    r"|turbo-instruct|computer-use",
    re.IGNORECASE,
)
"""Parts of the names of models for something else. What is missed is only offered in vain."""


def chat_models(page: object) -> list[str]:
    """The names in a server's list of models, in order, without those for something else.

    Other servers than OpenAI's may list anything; a list of nothing else stays as it is.
    """
    models = field(page, "data")
    entries = models if isinstance(models, list) else []
    names = sorted({name for each in entries if (name := text(each, "id"))})
    return [name for name in names if not OTHER_PURPOSES.search(name)] or names
