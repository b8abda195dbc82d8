"""The report's commands, made to look where the published runs are: in a store that is not the default one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from docs.publishing.runs import STORE

from bakeoff.report.document.blocks import Block, Code, Paragraph, Sentences, TableBlock, Text

OPTION = f"--store {STORE.name}"
"""Put behind the name of the study; options may stand anywhere."""


def name_store(document: Sequence[Block], study: str) -> tuple[Block, ...]:
    """A document whose commands about a study name the store.

    Args:
        document: Of any blocks.
        study: Its name, as the commands have it.
    """
    return tuple(
        _in_block(block, re.compile(rf"(bakeoff (?!show)[a-z]+ {re.escape(study)})\b(?![-.\w])")) for block in document
    )


def _in_block(block: Block, command: re.Pattern[str]) -> Block:
    match block:
        case Paragraph(content):
            return Paragraph(_in_text(content, command))
        case Sentences(items):
            return Sentences(tuple(_in_text(item, command) for item in items))
        case TableBlock(rows=rows):
            return replace(block, rows=tuple(tuple(_in_text(cell, command) for cell in row) for row in rows))
        case Code(lines):
            return Code(_in_words(lines, command))
    return block


def _in_text(content: Text, command: re.Pattern[str]) -> Text:
    return tuple(replace(span, words=_in_words(span.words, command)) for span in content)


def _in_words(words: str, command: re.Pattern[str]) -> str:
    return command.sub(rf"\1 {OPTION}", words)
