"""What writes the generated pages under docs/reference, and what reads the pages whose commands are run.

`python -m docs.writing` writes the reference; `python -m docs.writing.outputs PAGE` runs a page and fills in what its
commands print. Both are part of `make docs`.
"""
