"""What people send with their text: files are fetched, made ready for the model, and budgeted.

`service.Attachments` is where to begin. Nothing is exported here, since the process that reads a
file (`extraction`) imports this package as well, and has to start fast.
"""

__all__: list[str] = []
