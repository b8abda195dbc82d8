"""Convolutions and max pooling as matrix products, for CPUs, inside any function that JAX can trace.

XLA's CPU convolution is slow, and inside a `lax.scan` disastrous. `lower_to_matmul` traces a function, walks through
its jaxpr and replaces two primitives by equivalents that XLA runs well; JAX then differentiates the replacements.
Results agree with the native operations to float32 rounding, not to the bit. One thing differs: where several pixels of
a pooling window tie for the maximum, they share its gradient, and natively the first takes it all.

Everything that depends on how JAX spells a jaxpr is in this file.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax.extend.core import ClosedJaxpr, Jaxpr, Literal

_INLINED = {"jit": "jaxpr", "pjit": "jaxpr", "closed_call": "call_jaxpr"}


def lower_to_matmul(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function with the same results whose convolutions and max poolings are matrix products.

    Args:
        function: Takes and returns pytrees of arrays; positional arguments only.

    Returns:
        A function of the same arguments, to be traced by `jax.jit`, `jax.grad` or `lax.scan`. Convolutions with two
        spatial axes, without groups and without input dilation, and max pooling over windows that tile, are replaced;
        everything else is left as it is, and so is what stands inside a loop, a branch or a custom derivative.
    """

    def lowered(*arguments: Any) -> Any:
        closed, shape = jax.make_jaxpr(function, return_shape=True)(*arguments)
        results = _evaluate(closed.jaxpr, closed.consts, jax.tree.leaves(arguments))
        return jax.tree.unflatten(jax.tree.structure(shape), results)

    return lowered


def _evaluate(jaxpr: Jaxpr, constants: Sequence[Any], arguments: Sequence[Any]) -> list[Any]:
    """Run a jaxpr equation by equation, with replacements where there is one."""
    values: dict[Any, Any] = dict(zip(jaxpr.constvars, constants, strict=True))
    values.update(zip(jaxpr.invars, arguments, strict=True))

    def read(atom: Any) -> Any:
        return atom.val if isinstance(atom, Literal) else values[atom]

    for equation in jaxpr.eqns:
        results = _apply(equation, [read(atom) for atom in equation.invars])
        values.update(zip(equation.outvars, results, strict=True))
    return [read(atom) for atom in jaxpr.outvars]


def _apply(equation: Any, inputs: list[Any]) -> Sequence[Any]:
    name, parameters = equation.primitive.name, equation.params
    if name in _INLINED:
        inner: ClosedJaxpr = parameters[_INLINED[name]]
        return _evaluate(inner.jaxpr, inner.consts, inputs)
    if name == "conv_general_dilated" and _is_plain_convolution(parameters):
        return [_convolve(*inputs, parameters=parameters, shape=equation.outvars[0].aval.shape)]
    if name == "reduce_window_max" and _is_disjoint_pooling(parameters):
        return [_pool(*inputs, window=parameters["window_dimensions"])]
    results = equation.primitive.bind(*inputs, **equation.primitive.get_bind_params(parameters))
    return results if equation.primitive.multiple_results else [results]


def _is_plain_convolution(parameters: Mapping[str, Any]) -> bool:
    return (
        len(parameters["window_strides"]) == 2
        and parameters["feature_group_count"] == 1
        and parameters["batch_group_count"] == 1
        and tuple(parameters["lhs_dilation"]) == (1, 1)
        and all(low >= 0 and high >= 0 for low, high in parameters["padding"])
    )


def _convolve(
    images: jax.Array, kernel: jax.Array, *, parameters: Mapping[str, Any], shape: Sequence[int]
) -> jax.Array:
    """One matrix product of all patches with the kernel; `shape` is that of the result, in its own layout.

    The patches are the kernel_height x kernel_width shifted, strided views of the padded images, side by side.
    """
    layout = parameters["dimension_numbers"]
    images = jnp.transpose(images, _channels_last(layout.lhs_spec))
    out_channels, in_channels, *spatial = layout.rhs_spec
    kernel = jnp.transpose(kernel, (*spatial, in_channels, out_channels))
    kernel_height, kernel_width, _, filters = kernel.shape

    padded = jnp.pad(images, ((0, 0), *parameters["padding"], (0, 0)))
    strides, dilation = parameters["window_strides"], parameters["rhs_dilation"]
    size = [shape[axis] for axis in layout.out_spec[2:]]
    shifts = itertools.product(range(kernel_height), range(kernel_width))
    views = [_shifted_view(padded, (row * dilation[0], column * dilation[1]), size, strides) for row, column in shifts]
    patches = jnp.concatenate(views, axis=3)  # (examples, height, width, kernel_height * kernel_width * channels)

    product = jnp.matmul(
        patches.reshape(-1, patches.shape[3]),
        kernel.reshape(-1, filters),
        precision=parameters["precision"],
        preferred_element_type=parameters["preferred_element_type"],
    )
    result = product.reshape(images.shape[0], *size, filters)  # (examples, height, width, filters)
    return jnp.transpose(result, _inverse(_channels_last(layout.out_spec)))


def _shifted_view(padded: jax.Array, offset: tuple[int, int], size: Sequence[int], strides: Sequence[int]) -> jax.Array:
    """Every stride-th pixel from `offset` on, `size` of them along height and width."""
    rows, columns = (
        slice(start, start + count * stride, stride) for start, count, stride in zip(offset, size, strides, strict=True)
    )
    return padded[:, rows, columns, :]


def _channels_last(spec: Sequence[int]) -> tuple[int, ...]:
    """A layout (batch, channels, height, width axes) as the transposition to (batch, height, width, channels)."""
    batch, channels, *spatial = spec
    return (batch, *spatial, channels)


def _inverse(permutation: Sequence[int]) -> tuple[int, ...]:
    return tuple(permutation.index(axis) for axis in range(len(permutation)))


def _is_disjoint_pooling(parameters: Mapping[str, Any]) -> bool:
    dilations = (*parameters["base_dilation"], *parameters["window_dilation"])
    return (
        tuple(parameters["window_dimensions"]) == tuple(parameters["window_strides"])
        and all(padding == (0, 0) for padding in map(tuple, parameters["padding"]))
        and set(dilations) == {1}
    )


def _pool(images: jax.Array, *, window: Sequence[int]) -> jax.Array:
    """Maximum over windows that tile the array; what does not fill a window at the far end is dropped."""
    counts = [size // span for size, span in zip(images.shape, window, strict=True)]
    tiled = images[tuple(slice(count * span) for count, span in zip(counts, window, strict=True))]
    split = [part for pair in zip(counts, window, strict=True) for part in pair]
    return tiled.reshape(split).max(axis=tuple(range(1, 2 * len(window), 2)))  # (count, span, count, span, ...)
