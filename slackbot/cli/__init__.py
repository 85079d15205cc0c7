"""The command line, `slackbot COMMAND`: one module a command, which says what it takes and does it.

Commands are imported only when they are used, so that `--help` and a mistake show at once. They
read the environment and `.env`, and end with 0, with 1 if a check failed, or with 2 and one line.
"""
