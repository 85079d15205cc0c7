"""Every sentence about workspaces for the person who runs the bot."""

NOT_DECRYPTED = (
    "The token of {key} can't be decrypted: add the key that it was encrypted with to "
    "SLACKBOT_ENCRYPTION_KEY, after a comma, or let its admins install the app again."
)
