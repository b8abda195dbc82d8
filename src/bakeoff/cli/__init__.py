"""The command line: one file per command, each a function `command` that parses, calls a verb and prints."""
