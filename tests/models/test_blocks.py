from bakeoff.models.blocks import activated, dropped, softmax_output
from bakeoff.spec import Named


def _activated(**style) -> list[Named]:
    defaults = {"activation": "relu", "negative_slope": 0.3, "batch_normalization": False}
    return activated("Dense", {"units": 8}, **{**defaults, **style})


def test_a_plain_activation_stays_an_argument_of_its_layer():
    """Without normalisation a Keras activation needs no layer of its own."""
    assert _activated() == [Named(name="Dense", arguments={"units": 8, "activation": "relu"})]


def test_normalisation_moves_the_activation_behind_it():
    """With normalisation the layer itself is linear."""
    assert _activated(batch_normalization=True) == [
        Named(name="Dense", arguments={"units": 8}),
        Named(name="BatchNormalization"),
        Named(name="Activation", arguments={"activation": "relu"}),
    ]


def test_dropout_is_a_layer_or_nothing():
    """A rate of 0 adds no layer."""
    assert dropped(0.0) == []
    assert dropped(0.25) == [Named(name="Dropout", arguments={"rate": 0.25})]


def test_the_output_has_as_many_units_as_the_data_has_classes():
    """The number of classes is written as a word until the data are known."""
    assert softmax_output().arguments == {"units": "classes", "activation": "softmax"}
