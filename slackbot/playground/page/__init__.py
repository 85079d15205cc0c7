"""The playground's web page: the workspace as people see it, served on this machine alone."""
