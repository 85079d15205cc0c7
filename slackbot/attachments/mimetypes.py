"""MIME types that files of Slack's have: their content alone does not tell what they are.

The process that reads a file imports this, so it has to stay small.
"""

CANVAS_TYPE = "application/vnd.slack-docs"
"""A canvas, which Slack hands out as HTML.

https://docs.slack.dev/surfaces/canvases
"""

EMAIL_TYPE = "message/rfc822"
"""An email with its headers and attachments."""
