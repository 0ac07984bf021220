"""Suspected repeats: planted ones found, at intake as in batch; returns told apart; piles bounded."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from gis_core.duplicates import MODEL, MOST_TOLD, WIDEST_M, Counts, Intake, alike, counts, fitted, masters, suspected
from gis_core.likeness import MOST_BEFORE, Coder, Report, features, near_pairs, reporter_of
from tests.gis_core.truth_repeats import SIDE_M, Told, told

MANY = 40_000
"""As dense in space and time as the 200,000 of a city."""
LITTER = {"kind": "litter", "words": "建设路12号垃圾未清理", "street": "建设路", "side": "left"}


@pytest.fixture(scope="module")
def town() -> Told:
    return told(MANY, seed=2, side_m=SIDE_M * np.sqrt(MANY / 200_000))


def of(town: Told) -> list[Report]:
    return [Report(**report) for report in town.reports]


def litter(x: float = 0.0, t_h: float = 0.0, **more) -> Report:
    return Report(x=x, y=0.0, t_h=t_h, **(LITTER | more))


def same(town: Told, pairs: np.ndarray) -> np.ndarray:
    return town.problem[pairs[:, 0]] == town.problem[pairs[:, 1]]


def test_planted_repeats_are_found(town: Told) -> None:
    coded = Coder().coded(of(town))
    pairs = near_pairs(coded, returning=False)
    sizes = np.bincount(town.problem)
    planted = int((sizes * (sizes - 1) // 2).sum())
    true = same(town, pairs)
    assert true.sum() / planted >= 0.995
    score = MODEL.score(features(coded, pairs, False))
    hits = np.cumsum(true[np.argsort(-score, kind="stable")])
    precision, recall = hits / np.arange(1, len(hits) + 1), hits / planted
    assert precision[recall >= 0.85].max() >= 0.95
    assert precision[recall >= 0.90].max() >= 0.90
    # A score is a probability.
    for low in (0.1, 0.3, 0.5, 0.7, 0.9):
        some = (score >= low) & (score < low + 0.1)
        assert true[some].mean() == pytest.approx(score[some].mean(), abs=0.08)


def test_the_near_pairs_are_all_there_are() -> None:
    town = told(1_500, seed=4, side_m=900, days=20)
    reports = of(town)
    x, y, t_h = (np.array([getattr(one, name) for one in reports]) for name in ("x", "y", "t_h"))
    near = (x[:, None] - x) ** 2 + (y[:, None] - y) ** 2 <= 40**2
    wanted = near & (np.abs(t_h[:, None] - t_h) <= 72) & np.triu(np.ones(near.shape, bool), 1)
    found = {tuple(sorted(pair)) for pair in near_pairs(Coder().coded(reports), returning=False).tolist()}
    assert found == {tuple(pair) for pair in np.argwhere(wanted).tolist()}


def test_intake_suspects_what_the_batch_does() -> None:
    town = told(3_000, seed=5, side_m=1_200, days=30)
    reports = sorted(of(town), key=lambda one: one.t_h)
    intake, found = Intake(reports[:1000]), set[tuple[int, int, float]]()
    for number, report in enumerate(reports[1000:], 1000):
        found |= {(one.number, number, round(one.score, 9)) for one in intake.suspects(report)}
        assert intake.add(report) == number
    pairs = suspected(reports)
    rows = zip(pairs["earlier"], pairs["later"], pairs["score"].round(9), strict=True)
    assert found == {row for row in rows if row[1] >= 1000}
    assert len(intake) == 3000


def test_groups_have_the_earliest_for_master_and_do_not_chain() -> None:
    chain = [litter(x=15.0 * nth, t_h=0.1 * nth) for nth in range(30)]
    group = masters(chain, suspected(chain))
    for master in np.unique(group):
        members = np.flatnonzero(group == master)
        assert members[0] == master
        assert chain[members[-1]].x - chain[members[0]].x <= WIDEST_M
    assert 3 < len(np.unique(group)) < 20
    late_first = [litter(t_h=5.0), litter(t_h=1.0), litter(x=900.0)]
    group = masters(late_first, suspected(late_first))
    assert group.tolist() == [1, 1, 2]
    assert counts(group) == Counts(reports=3, problems=2)


def test_closed_then_again_is_a_return_and_no_repeat() -> None:
    reports = [litter(closed_h=50.0), litter(t_h=40.0), litter(t_h=300.0)]
    pairs = suspected(reports)
    assert pairs[["earlier", "later", "returned"]].to_numpy().tolist() == [[0, 2, True], [0, 1, False]]
    assert masters(reports, pairs).tolist() == [0, 0, 2]
    intake = Intake([litter()])
    assert [one.returned for one in intake.suspects(litter(t_h=60.0))] == [False]
    intake.close(0, 50.0)
    assert [one.returned for one in intake.suspects(litter(t_h=60.0))] == [True]
    assert intake.suspects(litter(t_h=800.0)) == []


def test_what_tells_them_apart() -> None:
    def score(other: Report) -> float:
        found = Intake([litter()]).suspects(other, least=0.0)
        return found[0].score if found else 0.0

    alike = score(litter(x=5.0, t_h=2.0))
    assert alike > 0.9
    assert score(litter(x=30.0, t_h=2.0)) < alike
    assert score(litter(x=5.0, t_h=60.0)) < alike
    assert score(litter(x=5.0, t_h=2.0, words="建设路井盖松动", kind="manholes")) < 0.2
    assert score(litter(x=5.0, t_h=2.0, words="建设路12号井盖松动", kind="manholes")) < alike - 0.2
    assert score(litter(x=5.0, t_h=2.0, words="建设路96号垃圾未清理")) < alike
    assert score(litter(x=5.0, t_h=2.0, street="人民路")) < alike
    assert score(litter(x=45.0, t_h=2.0)) == 0


@pytest.mark.parametrize(
    ("phone", "who"),
    [("13800000001", "3800000001"), ("+86 138-0000-0001", "3800000001"), ("008613800000001", "3800000001"),
     ("(0771) 123 4567", "7711234567"), ("+86 771 1234567", "7711234567"), ("5551234", "5551234"),
     ("12345", None), ("000-0000-0000", None), ("-----", None), ("", None), (None, None)],
)  # fmt: skip
def test_a_reporter_is_known_by_their_number_however_it_is_written(phone: str | None, who: str | None) -> None:
    """One person would be two, or all whom a hotline wrote down under its own number, or under zeros, be one."""
    assert reporter_of(phone) == who


def test_the_same_reporter_makes_a_repeat_likelier_and_another_no_less_likely() -> None:
    """Who sends it again would not be noticed, or a neighbour who saw it too be taken for another problem."""
    asked = litter(x=30.0, t_h=40.0, words="有异味", reporter="wang")

    def found(reporter: str | None) -> tuple[float, float]:
        (one,) = Intake([litter(reporter=reporter)]).suspects(asked, least=0.0)
        (row,) = suspected([litter(reporter=reporter), asked], least=0.0).itertuples()
        assert (row.score, row.blind) == (one.score, one.blind)
        return one.score, one.blind

    unknown, same = found(None), found("wang")
    assert unknown == found("li") == (unknown[1], unknown[1])
    assert same[1] == unknown[1] < 0.5 < same[0]
    # One who is not remembered is asked for, among those near alone.
    intake = Intake([litter(), litter(x=5_000.0), litter(x=1.0)])
    near = intake.suspects(asked, same=lambda numbers: [] if 1 in numbers else [2])
    assert [(one.number, one.score > one.blind) for one in near] == [(2, True)]
    assert intake.suspects(litter(x=9_000.0), same=lambda _: pytest.fail("nothing is near")) == []


def test_who_reported_hides_nothing_that_is_likely_without() -> None:
    """Whoever may not know who reported would see by what is missing that somebody had reported the others."""
    random = np.random.default_rng(7)
    crowd = [
        litter(x=float(x), t_h=0.1 * nth, words=["垃圾未清理", "异味大"][nth % 2], reporter=[None, "wang"][nth % 2])
        for nth, x in enumerate(random.uniform(-35, 35, 60))
    ]
    asked = litter(t_h=20.0, reporter="wang")
    nameless = Intake([replace(one, reporter=None) for one in crowd]).suspects(asked)
    found = Intake(crowd).suspects(asked)
    ordered = sorted(found, key=lambda one: (-one.blind, one.number))
    assert [(one.number, one.blind) for one in ordered if one.blind >= 0.5] == [one[:2] for one in nameless]
    assert 0 < sum(one.blind < 0.5 for one in found) <= MOST_TOLD
    pairs = suspected([*crowd, asked])
    ours = pairs[pairs["later"] == len(crowd)]
    assert set(ours["earlier"]) == {one.number for one in found}


def test_one_enormous_pile_stays_bounded() -> None:
    pile = [litter(t_h=0.001 * nth) for nth in range(5_000)]
    pairs = near_pairs(Coder().coded(pile), returning=False)
    assert len(pairs) <= MOST_BEFORE * len(pile)
    found = suspected(pile)
    assert len(found) <= MOST_TOLD * len(pile)
    assert len(np.unique(masters(pile, found))) == 1
    intake = Intake(pile[:4_000])
    for report in pile[4_000:4_100]:
        intake.add(report)
    latest = sorted(one.number for one in intake.suspects(litter(t_h=6.0)))
    assert latest == list(range(4_100 - MOST_TOLD, 4_100))


def test_a_crowd_is_told_by_its_likeliest() -> None:
    """Each of thousands who report one fire would be told of, and have noted, thousands."""
    random = np.random.default_rng(3)
    crowd = [litter(x=float(x), t_h=0.005 * nth) for nth, x in enumerate(random.uniform(-35, 35, 4_000))]
    asked = litter(t_h=20.5)
    every = Intake(crowd[-MOST_BEFORE:]).suspects(asked)
    found = Intake(crowd).suspects(asked)
    # The latest are looked at, and the likeliest of these told.
    assert len(found) == MOST_TOLD == len(every)
    assert [one.away_m for one in found] == [one.away_m for one in every]
    assert max(one.away_m for one in found) < 10
    pairs = suspected([*crowd, asked])
    assert pairs["later"].value_counts().max() == MOST_TOLD
    ours = pairs[pairs["later"] == len(crowd)]
    assert ours["earlier"].tolist() == [one.number for one in found]
    # Those that had been closed are told besides.
    closed = [litter(x=1.0, t_h=0.1 * nth, closed_h=10.0) for nth in range(100)]
    both = Intake([*closed, *crowd]).suspects(asked)
    assert sorted(one.returned for one in both) == [False] * MOST_TOLD + [True] * MOST_TOLD


def test_a_crowd_next_door_hides_nobody() -> None:
    """Of cells looked through one after the other the first would use up what may be looked at."""
    door = [litter(x=20.0, t_h=99.0)]
    crowd = [litter(x=-15.0, t_h=80 + 0.1 * nth) for nth in range(MOST_BEFORE + 10)]
    pairs = near_pairs(Coder().coded([*crowd, *door, litter(x=5.0, t_h=100.0)]), returning=False)
    ours = pairs[pairs[:, 1] == len(crowd) + 1]
    assert len(ours) == MOST_BEFORE and ours[0, 0] == len(crowd)


@pytest.mark.parametrize("reports", [[], [litter()], [litter(x=np.nan), litter(t_h=np.inf)]])
def test_few_or_unreadable_reports_suspect_nothing(reports: Sequence[Report]) -> None:
    pairs = suspected(reports)
    assert pairs.empty
    assert masters(reports, pairs).tolist() == list(range(len(reports)))
    intake = Intake(reports)
    assert intake.suspects(litter(x=np.nan)) == []
    assert intake.suspects(litter(x=1e9)) == []


def test_places_a_continent_apart_cost_nothing() -> None:
    reports = [litter(), litter(x=1e12), litter(x=-1e12), litter(x=1e12)]
    assert near_pairs(Coder().coded(reports), returning=False).tolist() == [[1, 3]]


def test_words_that_say_nothing_are_no_likeness() -> None:
    silent = [litter(words="", street=None), litter(words="12345", street=None)]
    pairs = suspected(silent, least=0.0)
    assert np.isfinite(pairs["score"]).all()


def test_a_model_is_fitted_to_judged_pairs() -> None:
    random = np.random.default_rng(1)
    told_ = random.random((4000, 10))
    chance = 1 / (1 + np.exp(-(3 * told_[:, 0] - 2 * told_[:, 3])))
    model = fitted(told_, random.random(4000) < chance)
    assert model.worth[0] == pytest.approx(3, abs=0.4)
    assert model.worth[3] == pytest.approx(-2, abs=0.4)
    assert np.abs(fitted(told_, told_[:, 0] > 0.5).score(told_)).max() <= 1


def test_what_two_reports_have_in_common_is_told() -> None:
    """Who decides would have to take a score at its word."""
    found = alike(litter(), litter(x=30.0, t_h=6.0))
    assert (found.away_m, found.apart_h, found.words) == pytest.approx((30.0, 6.0, 1.0))
    assert found.kind and found.street and found.number
    other = alike(litter(), litter(kind="manholes", words="井盖松动", side="right"))
    assert not other.kind and not other.street and not other.number and other.words == 0
