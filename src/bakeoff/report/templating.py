"""How pages are filled in: everything escaped, nothing undefined, numbers formatted as in the sentences."""

from __future__ import annotations

from collections.abc import Callable

from jinja2 import Environment, FunctionLoader, StrictUndefined

from bakeoff.report import numbers


def make_environment(read: Callable[[str], str]) -> Environment:
    """Where templates are rendered.

    Args:
        read: Gives a template by its name.

    Returns:
        An environment with every `numbers.format_NAME` as the filter NAME.
    """
    environment = Environment(
        loader=FunctionLoader(read),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    formats = [name for name in dir(numbers) if name.startswith("format_")]
    environment.filters |= {name.removeprefix("format_"): getattr(numbers, name) for name in formats}
    environment.globals["unknown"] = numbers.UNKNOWN
    return environment
