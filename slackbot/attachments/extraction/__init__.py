"""Reads the content of files in a separate process, which has little to break.

`sandbox` starts that process, and `__main__` is what runs in it. Nothing is exported here, since
both sides import this package, and only the process may load the libraries that read files.
"""

__all__: list[str] = []
