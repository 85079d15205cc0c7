"""Which of a server's models can hold a conversation.

https://platform.openai.com/docs/api-reference/models/list says nothing of what a model is for.
"""

import re

SILENT = re.compile(
    r"embed|moderation|whisper|transcribe|tts|realtime|dall-e|image|sora|rerank|babbage|davinci"
    r"|turbo-instruct|computer-use",
    re.IGNORECASE,
)
"""Parts of the names of models for something else. What is missed is only offered in vain."""


def talking(page: object) -> list[str]:
    """The names in a server's list of models, in order, without those for something else.

    Other servers than OpenAI's may list anything; a list of nothing else stays as it is.
    """
    models = page.get("data") if isinstance(page, dict) else None
    entries = models if isinstance(models, list) else []
    ids = [each.get("id") for each in entries if isinstance(each, dict)]
    names = sorted({name for name in ids if isinstance(name, str) and name})
    return [name for name in names if not SILENT.search(name)] or names
