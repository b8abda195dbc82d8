import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest

from bakeoff.engine.gemm import lower_to_matmul
from bakeoff.models.network import build_network, pre_softmax
from bakeoff.spec import Named

NHWC = ("NHWC", "HWIO", "NHWC")
TOLERANCE = {"rtol": 2e-5, "atol": 2e-5}  # float32: sums of some hundred products


def _normal(*shape, seed=0):
    return jnp.asarray(np.random.default_rng(seed).normal(size=shape), dtype=jnp.float32)


def _convolution(layout=NHWC, **options):
    """A convolution as Keras calls it, of images and kernel."""
    options = {"window_strides": (1, 1), "padding": "VALID", **options}
    return lambda images, kernel: jax.lax.conv_general_dilated(images, kernel, dimension_numbers=layout, **options)


def _with_gradients(function):
    """One compiled function to the result and the gradients of a curved function of it."""

    def both(*arguments):
        result = function(*arguments)
        gradients = jax.grad(lambda *inner: jnp.sin(function(*inner)).sum(), argnums=range(len(arguments)))
        return result, gradients(*arguments)

    return jax.jit(both)


def _assert_same(function, *arguments):
    """Native and lowered agree, forward and backward."""
    jax.tree.map(
        lambda native, lowered: np.testing.assert_allclose(lowered, native, **TOLERANCE),
        _with_gradients(function)(*arguments),
        _with_gradients(lower_to_matmul(function))(*arguments),
    )


def _is_lowered(function, *arguments, primitive="conv_general_dilated") -> bool:
    return primitive not in str(jax.make_jaxpr(lower_to_matmul(function))(*arguments))


STRIDES = ((1, 1), (2, 2), (2, 1))
PADDINGS = ("VALID", "SAME", "explicit")
CASES = [  # every size with every stride, every size with every padding, every stride with every padding
    (size, strides, PADDINGS[(row + shift) % 3])
    for shift, size in enumerate((1, 2, 3, 5))
    for row, strides in enumerate(STRIDES)
]


@pytest.mark.parametrize(("size", "strides", "padding"), CASES)
def test_a_convolution_agrees_with_the_native_one(size, strides, padding):
    """Result and both gradients agree for all kernel sizes, strides and paddings, on an image of odd size."""
    explicit = ((size - 1, 0), (size // 2, size - 1))
    function = _convolution(window_strides=strides, padding=explicit if padding == "explicit" else padding)
    arguments = _normal(2, 9, 7, 3), _normal(size, size, 3, 4, seed=1)
    assert _is_lowered(function, *arguments)
    _assert_same(function, *arguments)


@pytest.mark.parametrize(("kernel", "dilation"), [((3, 2), (2, 2)), ((1, 3), (1, 3)), ((3, 2), (1, 3))])
def test_a_dilated_convolution_agrees_with_the_native_one(kernel, dilation):
    """Kernels with holes and kernels that are no squares are lowered too."""
    function = _convolution(rhs_dilation=dilation, window_strides=(2, 1), padding="SAME")
    arguments = _normal(2, 8, 9, 2), _normal(*kernel, 2, 3, seed=1)
    assert _is_lowered(function, *arguments)
    _assert_same(function, *arguments)


def test_the_gradient_is_right_where_padding_exceeds_the_kernel():
    """NumPy in float64 is the reference: natively this gradient reads beyond the image (openxla/xla issue 48713)."""
    rng = np.random.default_rng(0)
    images, kernel = rng.normal(size=(2, 9, 7, 3)), rng.normal(size=(2, 2, 3, 4))
    padding = ((2, 0), (1, 3))
    padded = np.pad(images, ((0, 0), *padding, (0, 0)))
    height, width = padded.shape[1] - 1, padded.shape[2] - 1
    views = {(i, j): np.s_[:, i : i + height, j : j + width] for i in (0, 1) for j in (0, 1)}
    result = sum(padded[view] @ kernel[shift] for shift, view in views.items())
    gradient = np.zeros_like(padded)
    for shift, view in views.items():
        gradient[view] += np.cos(result) @ kernel[shift].T
    lowered = _with_gradients(lower_to_matmul(_convolution(padding=padding)))
    found, (found_gradient, _) = lowered(jnp.asarray(images, jnp.float32), jnp.asarray(kernel, jnp.float32))
    np.testing.assert_allclose(found, result, **TOLERANCE)
    np.testing.assert_allclose(found_gradient, gradient[:, 2:, 1:-3], **TOLERANCE)


@pytest.mark.parametrize(
    ("layout", "images", "kernel"),
    [
        (("NCHW", "OIHW", "NCHW"), (2, 3, 7, 6), (4, 3, 3, 2)),
        (("NHWC", "OIHW", "NCHW"), (2, 7, 6, 3), (4, 3, 3, 2)),
        (("HWNC", "IHWO", "WHCN"), (7, 6, 2, 3), (3, 3, 2, 4)),
    ],
)
def test_every_layout_agrees_with_the_native_one(layout, images, kernel):
    """Whatever order of axes a caller chose for images, kernel and result, it gets its own back."""
    arguments = _normal(*images), _normal(*kernel, seed=1)
    function = _convolution(jax.lax.conv_dimension_numbers(images, kernel, layout), window_strides=(2, 1))
    assert _is_lowered(function, *arguments)
    _assert_same(function, *arguments)


def test_a_convolution_by_hand():
    """A 2 x 2 kernel of ones adds up each window: 1 + 2 + 4 + 5 = 12 and so on."""
    images = jnp.arange(1.0, 10.0).reshape(1, 3, 3, 1)
    result = lower_to_matmul(_convolution())(images, jnp.ones((2, 2, 1, 1)))
    assert result.ravel().tolist() == [12, 16, 24, 28]


def test_an_image_smaller_than_the_kernel_leaves_nothing():
    """A result without pixels is a result without pixels."""
    assert lower_to_matmul(_convolution())(_normal(2, 2, 2, 1), _normal(5, 5, 1, 3)).shape == (2, 0, 0, 3)


def test_the_element_type_of_the_result_is_kept():
    """Half-precision images with a float32 result stay so."""
    function = _convolution(preferred_element_type=jnp.float32, precision=jax.lax.Precision.HIGHEST)
    arguments = _normal(1, 4, 4, 2).astype(jnp.bfloat16), _normal(3, 3, 2, 2).astype(jnp.bfloat16)
    lowered = lower_to_matmul(function)(*arguments)
    assert lowered.dtype == jnp.float32
    np.testing.assert_allclose(lowered, function(*arguments), **TOLERANCE)


@pytest.mark.parametrize(
    ("options", "images", "kernel"),
    [
        ({"feature_group_count": 2}, (2, 6, 6, 4), (3, 3, 2, 4)),  # grouped
        ({"feature_group_count": 4}, (2, 6, 6, 4), (3, 3, 1, 8)),  # depthwise
        ({"batch_group_count": 2}, (4, 6, 6, 2), (3, 3, 2, 4)),
        ({"lhs_dilation": (2, 2), "padding": ((2, 2), (2, 2))}, (2, 4, 4, 2), (3, 3, 2, 3)),  # transposed
        ({"padding": ((-1, 0), (0, -1))}, (2, 6, 6, 2), (3, 3, 2, 3)),  # cropping
    ],
)
def test_other_convolutions_stay_native(options, images, kernel):
    """What the matrix product does not cover is left as it is, and still right."""
    arguments = _normal(*images), _normal(*kernel, seed=1)
    assert not _is_lowered(_convolution(**options), *arguments)
    _assert_same(_convolution(**options), *arguments)


def test_a_convolution_along_one_axis_stays_native():
    """Conv1D is left as it is."""
    function = _convolution(("NHC", "HIO", "NHC"), window_strides=(2,))
    arguments = _normal(2, 9, 3), _normal(3, 3, 4, seed=1)
    assert not _is_lowered(function, *arguments)
    _assert_same(function, *arguments)


def _pooling(window, strides, padding="VALID", **options):
    window, strides = (1, *window, 1), (1, *strides, 1)
    return lambda images: jax.lax.reduce_window(images, -jnp.inf, jax.lax.max, window, strides, padding, **options)


@pytest.mark.parametrize(("window", "size"), [((2, 2), (6, 6)), ((2, 2), (7, 9)), ((2, 3), (7, 9)), ((7, 7), (6, 6))])
def test_max_pooling_agrees_with_the_native_one(window, size):
    """Result and gradient agree, also where windows do not fill the image or the image is smaller than a window."""
    images = _normal(2, *size, 3)
    assert _is_lowered(_pooling(window, window), images, primitive="reduce_window_max")
    _assert_same(_pooling(window, window), images)


@pytest.mark.parametrize(
    ("window", "strides", "padding", "options"),
    [
        ((3, 3), (2, 2), "VALID", {}),
        ((2, 2), (3, 3), "VALID", {}),
        ((2, 2), (2, 2), "SAME", {}),  # of 7 pixels: one is padded
        ((2, 2), (2, 2), "VALID", {"window_dilation": (1, 2, 2, 1)}),
        ((2, 2), (2, 2), "VALID", {"base_dilation": (1, 2, 2, 1)}),
    ],
)
def test_other_poolings_stay_native(window, strides, padding, options):
    """Windows that overlap, leave gaps, are padded or dilated are left as they are, and still right."""
    function, images = _pooling(window, strides, padding, **options), _normal(2, 7, 7, 2)
    assert not _is_lowered(function, images, primitive="reduce_window_max")
    if options:  # JAX has no gradient of dilated pooling
        np.testing.assert_array_equal(lower_to_matmul(function)(images), function(images))
    else:
        _assert_same(function, images)


def test_average_pooling_stays_native():
    """Only the maximum is replaced."""

    def function(images):
        return jax.lax.reduce_window(images, 0.0, jax.lax.add, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")

    _assert_same(function, _normal(2, 6, 6, 2))


def test_pixels_that_tie_share_the_gradient():
    """Four equal pixels get a quarter each; the sum is that of the native operation."""
    gradient = jax.grad(lambda images: lower_to_matmul(_pooling((2, 2), (2, 2)))(images).sum())(jnp.ones((1, 2, 2, 1)))
    np.testing.assert_array_equal(gradient.ravel(), [0.25] * 4)


def _two_layers(images, kernels):
    """Convolution, ReLU (a function with its own derivative), pooling and a nested jit, twice."""
    for kernel in kernels:
        images = jax.jit(_convolution(padding="SAME"))(images, kernel)
        images = _pooling((2, 2), (2, 2))(jax.nn.relu(images))
    return images.sum(axis=(1, 2))


def test_nested_functions_and_pytrees_are_walked_through():
    """Arguments may be nested, and what stands inside a jit or beside a ReLU is replaced too."""
    arguments = _normal(2, 8, 8, 1), [_normal(3, 3, 1, 2, seed=1), _normal(3, 3, 2, 2, seed=2)]
    assert _is_lowered(_two_layers, *arguments)
    assert _is_lowered(_two_layers, *arguments, primitive="reduce_window_max")
    _assert_same(_two_layers, *arguments)


def test_it_works_inside_a_scan():
    """Steps of gradient descent inside a scan go the same way, and no native convolution is left in the program."""
    images, start = _normal(3, 4, 8, 8, 1), [_normal(3, 3, 1, 2, seed=1), _normal(3, 3, 2, 2, seed=2)]

    def descend(function):
        def step(kernels, batch):
            loss, gradients = jax.value_and_grad(lambda inner: jnp.square(function(batch, inner)).mean())(kernels)
            return jax.tree.map(lambda kernel, gradient: kernel - 0.01 * gradient, kernels, gradients), loss

        return jax.lax.scan(step, start, images)

    program = str(jax.make_jaxpr(lambda: descend(lower_to_matmul(_two_layers)))())
    assert "conv_general_dilated" not in program
    assert "reduce_window_max" not in program
    native, lowered = descend(_two_layers), descend(lower_to_matmul(_two_layers))
    jax.tree.map(lambda a, b: np.testing.assert_allclose(b, a, **TOLERANCE), native, lowered)


@pytest.fixture(scope="module")
def cnn() -> keras.Model:
    """A small CNN with everything that has a state of its own."""
    layers = [
        {"Conv2D": {"filters": 4, "kernel_size": 3, "activation": "relu", "kernel_regularizer": "l2"}},
        {"MaxPooling2D": {"pool_size": 2}},
        {"Conv2D": {"filters": 4, "kernel_size": 3, "padding": "same", "strides": 2}},
        "BatchNormalization",
        {"Dropout": {"rate": 0.5}},
        "Flatten",
        {"Dense": {"units": "classes", "activation": "softmax"}},
    ]
    return build_network([Named.model_validate(layer) for layer in layers], (13, 12, 2), classes=3, seed=0)


@pytest.mark.parametrize("training", [True, False])
def test_a_keras_network_keeps_its_state(cnn, training):
    """Outputs, moving statistics, dropout's generator, penalties and gradients are those of Keras itself."""
    trainable = [jnp.array(variable) for variable in cnn.trainable_variables]
    non_trainable = [jnp.array(variable) for variable in cnn.non_trainable_variables]
    images = _normal(5, 13, 12, 2)

    def forward(trainable, non_trainable, images):
        with pre_softmax(cnn):
            return cnn.stateless_call(trainable, non_trainable, images, training=training, return_losses=True)

    def everything(function):
        def loss(trainable):
            logits, state, penalties = function(trainable, non_trainable, images)
            return jnp.square(logits).sum() + sum(penalties), (logits, state, penalties)

        return jax.jit(jax.value_and_grad(loss, has_aux=True))(trainable)

    assert _is_lowered(forward, trainable, non_trainable, images)
    native, lowered = everything(forward), everything(lower_to_matmul(forward))
    assert len(native[0][1][2]) == 1
    jax.tree.map(lambda a, b: np.testing.assert_allclose(b, a, rtol=1e-4, atol=1e-4), native, lowered)
    moved = [not np.array_equal(a, b) for a, b in zip(non_trainable, lowered[0][1][1], strict=True)]
    assert all(moved) if training else not any(moved)
