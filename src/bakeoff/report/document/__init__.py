"""The report as a sequence of blocks, and what writes them down as Markdown and LaTeX."""
