import math

import numpy as np
import pytest
from scipy import optimize, stats

from bakeoff.comparison.resolution import Spread, assume_spreads, limit_verdicts, recorded_spread, resolve
from bakeoff.spec import only_models
from bakeoff.store import cells_of

LABELS = [0, 1, 0, 1]


def test_converged_networks_vary_by_the_square_root_of_half_the_error():
    """Jordan's equation 6: 2 % error on 10,000 images is 0.1 points from run to run; short trainings: 4 times."""
    converged, short = assume_spreads(error=0.02, images=10_000)
    assert (converged.run_sd, short.run_sd) == pytest.approx((0.001, 0.004))
    assert {converged.disagreement, short.disagreement} == {0.02}
    assert (converged.basis, short.basis) == ("converged", "short")


@pytest.mark.parametrize(("seeds", "in_sds"), [(3, 3.07), (5, 2.02), (10, 1.32), (20, 0.91), (30, 0.74)])
def test_on_this_test_set_only_seeds_count(seeds, in_sds):
    """The table of docs/statistics.md: detectable differences in standard deviations of a run."""
    resolution = resolve(Spread("records", 0.01, 0.3), seeds=seeds, images=100, alpha=0.05)
    assert resolution.this_test_set / 0.01 == pytest.approx(in_sds, abs=0.005)


def test_the_floor_is_that_of_the_images():
    """Disagreement on 1 % of 10,000 images leaves 0.20 points, whatever the seeds."""
    few, many = (resolve(Spread("records", 0.01, 0.01), seeds=n, images=10_000, alpha=0.05) for n in (3, 300))
    assert few.floor == many.floor == pytest.approx(1.959964 * 0.001, abs=1e-8)
    assert many.new_images > many.floor


def test_one_noise_at_a_time():
    """Without disagreement new images cost nothing; without seed noise z(97.5 %) + z(80 %) standard errors remain."""
    seeds_only = resolve(Spread("records", 0.01, 0.0), seeds=5, images=1000, alpha=0.05)
    assert seeds_only.new_images == seeds_only.this_test_set
    images_only = resolve(Spread("records", 0.0, 0.1), seeds=5, images=1000, alpha=0.05)
    assert images_only.new_images == pytest.approx((1.959964 + 0.841621) * math.sqrt(0.1 / 1000), abs=1e-6)


@pytest.mark.parametrize("seeds", [2, 3, 5, 20])
@pytest.mark.parametrize("disagreement", [0.001, 0.01, 0.1])
def test_both_noises_together_are_a_little_on_the_safe_side(seeds, disagreement):
    """Never below the exact value of the non-central t with Satterthwaite's freedom, and not much above it."""
    images, alpha, run_sd = 1000, 0.01, 0.004
    of_seeds = run_sd**2 / seeds
    variance = 2 * of_seeds + disagreement / images
    freedom = variance**2 * (seeds - 1) / (2 * of_seeds**2)
    quantile = stats.t.isf(alpha / 2, freedom)
    shift = optimize.brentq(lambda x: stats.nct.sf(quantile, freedom, x) - 0.8, 0.1, 100)
    found = resolve(Spread("records", run_sd, disagreement), seeds=seeds, images=images, alpha=alpha).new_images
    exact = shift * math.sqrt(variance)
    assert 0.99 * exact <= found
    if seeds > 3:
        assert found <= 1.25 * exact


def test_spread_from_records_by_hand(tiny, fill_store):
    """Root mean squares: run variances 1/32 and 0; per-image differences 0, -1/2, -1, -1 less the seeds' noise."""
    hits = {"small": [[1, 1, 0, 0], [1, 0, 0, 0]], "wide": [[1, 1, 1, 1], [1, 1, 1, 1]]}
    store = fill_store(tiny, hits, labels=LABELS)
    spread = recorded_spread(cells_of(tiny, fingerprint="f" * 64), store, labels=np.array(LABELS), classes=2)
    assert spread.run_sd == pytest.approx(math.sqrt((1 / 32 + 0) / 2))
    # var(D) = 11/48, less the residual mean square 1/8 over 2 runs
    assert spread.disagreement == pytest.approx(11 / 48 - 1 / 16)
    assert (spread.basis, spread.models) == ("records", 2)


def test_one_model_or_one_seed_tells_no_spread(tiny, fill_store):
    """A spread needs two models with two finished seeds each."""
    store = fill_store(tiny, {"small": [[1, 1, 0, 0], [1, 0, 0, 0]], "wide": [[1, 1, 1, 1]]}, labels=LABELS)
    for study in (tiny, only_models(tiny, ["small"])):
        cells = cells_of(study, fingerprint="f" * 64)
        assert recorded_spread(cells, store, labels=np.array(LABELS), classes=2) is None


def test_what_few_seeds_cannot_show():
    """Three seeds: failure rates up to 1 - 0.05^(1/3) stay unseen, ranks give p = 0.1 at best, 29 seeds for 75 %."""
    limits = limit_verdicts(3)
    assert limits.unseen_failure_rate == pytest.approx(1 - 0.05 ** (1 / 3))
    assert limits.smallest_rank_p == stats.mannwhitneyu([1, 2, 3], [4, 5, 6], method="exact").pvalue
    assert limits.detectable_sds == pytest.approx(3.07, abs=0.005)
    assert limits.superiority_seeds == 29
    assert limit_verdicts(1).detectable_sds is None


def test_impossible_assumptions():
    """An error rate is a share, and there are images."""
    with pytest.raises(ValueError, match=r"error must lie strictly between 0 and 1, such as 0\.02, received 1\.5"):
        assume_spreads(error=1.5, images=10)
    with pytest.raises(ValueError, match="images must be at least 1, received 0"):
        assume_spreads(error=0.1, images=0)
