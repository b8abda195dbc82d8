"""What trains the four published comparisons and writes docs/published and the README's headline from their runs.

`python -m docs.publishing.runs` trains (`make published-run`), `python -m docs.publishing` writes (`make published`).
"""
