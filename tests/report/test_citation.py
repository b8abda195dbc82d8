"""What identifies a result."""

from dataclasses import replace

from bakeoff.report.citation import cite, fingerprint_study


def test_a_citation_names_everything(by_hand):
    """Title, version, study and data with the beginning of their fingerprints, and runs."""
    made = replace(by_hand.make_comparison(by_hand.FOUR, title="Four networks"), environments=({"bakeoff": "0.1.0"},))
    assert cite(made) == (
        f"Four networks. Measured with Bakeoff 0.1.0: study by-hand ({fingerprint_study(made)}) on mnist-5k "
        "(ffffffffffff), 20 runs."
    )


def test_another_study_has_another_fingerprint(by_hand):
    """One changed setting is enough; another order of the same is not."""
    one, same = (by_hand.make_comparison(by_hand.FOUR) for _ in range(2))
    other = by_hand.make_comparison(by_hand.FOUR, protocol={"epochs": 3})
    assert fingerprint_study(one) == fingerprint_study(same) != fingerprint_study(other)


def test_runs_of_several_versions_name_them_all(by_hand):
    """And none is made up where it is not known."""
    made = by_hand.make_comparison(by_hand.FOUR[:1])
    both = replace(made, environments=({"bakeoff": "0.2"}, {"bakeoff": "0.1"}, {"bakeoff": "0.1"}))
    assert "Bakeoff 0.1 and 0.2:" in cite(both)
    assert "with Bakeoff:" in cite(replace(made, environments=({},)))
