"""The command line: one file per group of commands.

``app`` plants the commands, ``command`` gives each of them the options that all share, ``terminal`` is what a command
knows of whoever started it, ``showing`` how an answer looks, ``exits`` the one place where an error becomes a code.
"""

from shouxin.cli.app import main

__all__ = ["main"]
