"""What the model reads around the parts of a message, in Slack's markup."""

FORWARDED = "Forwarded message"
LINKED = "Linked message"
PREVIEW = "Preview of {url}"
IMAGE = "[image: {alt}]"
SHORTENED = "(shortened)"
