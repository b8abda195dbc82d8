from dataclasses import replace

from bakeoff.report.sentences.plateaus import plateau_sentences


def _texts(comparison, searches):
    return [sentence.text for sentence in plateau_sentences(replace(comparison, plateaus=tuple(searches)))]


def test_given_epochs_need_no_word(by_hand):
    """Without `stop: plateau` nothing was chosen."""
    assert plateau_sentences(by_hand.make_comparison(by_hand.FOUR)) == []


def test_the_epoch_and_why(by_hand):
    """What it was trained to, whether that is before the best epoch, and the reason as the store has it."""
    comparison = by_hand.make_comparison(by_hand.FOUR)
    first, second = (
        by_hand.make_search(comparison.model(name), 5, why="it is lowest there") for name in ("cnn", "lstm")
    )
    early = replace(second, found=second.found.model_copy(update={"best_epoch": 7}))
    assert _texts(comparison, [first, early]) == [
        "cnn was trained to epoch 5: it is lowest there.",
        "lstm was trained to epoch 5, the beginning of its plateau: it is lowest there.",
    ]


def test_no_plateau_to_be_found(by_hand):
    """Where no seed has a whole curve all epochs are kept; there is no figure then that the number could lead to."""
    comparison = by_hand.make_comparison([by_hand.Entry("blind", validation=False)])
    search = by_hand.make_search(comparison.models[0], 8, chose=(), why="no seed has a curve")
    (sentence,) = plateau_sentences(replace(comparison, plateaus=(search,)))
    assert sentence.text == "blind was trained for all 8 epochs: no seed has a curve."
    assert sentence.anchor == "training"


def test_many_models_share_a_sentence(by_hand):
    """From the earliest to the latest epoch."""
    comparison = by_hand.make_comparison(by_hand.many_entries(6))
    searches = [by_hand.make_search(model, 3 + place) for place, model in enumerate(comparison.models)]
    (text,) = _texts(comparison, searches)
    assert text == "6 models were trained to the plateau of their own validation loss: epochs 3 to 8."
