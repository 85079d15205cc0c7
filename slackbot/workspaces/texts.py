"""Every sentence about workspaces for the person who runs the bot."""

NOT_DECRYPTED = (
    "The token of {key} can't be decrypted: add the key that it was encrypted with to "
    "SLACKBOT_ENCRYPTION_KEY, after a comma, or let its admins install the app again."
)
STILL_REMOVING = (
    "The data of the last installation is still being deleted. Please install the app again in a "
    "few minutes."
)
REMOVED = "The app was removed from %s: everything about it is deleted"
NOT_RENEWED = "The database does not renew what this process owns."
