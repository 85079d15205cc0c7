"""Every sentence about workspaces for the person who runs the bot."""

NOT_RENEWED = "The database does not renew what this process owns."
