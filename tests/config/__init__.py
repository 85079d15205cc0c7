"""Environments that are enough to start with."""

SOCKET = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "OPENAI_API_KEY": "sk-1"}
HTTP = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_SIGNING_SECRET": "s3cret",
    "PORT": "3000",
    "OPENAI_API_KEY": "sk-1",
}

ENCRYPTION_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
OTHER_ENCRYPTION_KEY = "HxocGxoZGBcWFRQTEhEQDw4NDAsKCQgHBgUEAwIBAAA="
OAUTH = {
    "SLACK_CLIENT_ID": "111.222",
    "SLACK_CLIENT_SECRET": "c11ent",
    "SLACKBOT_ENCRYPTION_KEY": ENCRYPTION_KEY,
    "SLACK_SIGNING_SECRET": "s3cret",
    "PORT": "3000",
    "OPENAI_API_KEY": "sk-1",
}
"""For several workspaces."""
