"""What grouping promises: which reports say the same, how sure it is, how quick, and that it forgets."""

import json
from collections import Counter
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers import grouping, terms, train

ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()), max_size=300)
BENCHMARK = Path(__file__).parent / "benchmarks" / "grouping.jsonl"


@pytest.fixture(scope="session")
def space() -> grouping.Space:
    return grouping.Space.from_texts(report for report, _ in train.corpus())


@pytest.fixture
def index(space: grouping.Space) -> grouping.Index:
    return grouping.Index(space)


def test_the_same_words_again_join_their_cluster(index: grouping.Index) -> None:
    index.put(1, 10, "npm install fails with ERESOLVE on the web repo")
    index.put(2, 20, "the deploy docs still show the old --force flag")
    joined = grouping.join(index.candidates("NPM install fails, with `ERESOLVE`, on the web repo!"))
    assert joined is not None
    assert (joined.key, joined.cluster) == (1, 10)
    assert joined.score == pytest.approx(1)


def test_the_same_problem_in_other_words_joins_its_cluster(index: grouping.Index) -> None:
    index.put(1, 10, "the deploy docs still show the old --force flag")
    joined = grouping.join(index.candidates("deploy docs list the --force flag that was removed"))
    assert joined is not None
    assert joined.cluster == 10


def test_another_problem_of_the_same_tool_does_not_join(index: grouping.Index) -> None:
    index.put(1, 10, "helm upgrade hangs on the pre-install hook")
    assert grouping.join(index.candidates("helm docs do not mention the values schema")) is None
    assert grouping.join([]) is None


def test_shared_stop_words_make_no_candidates(index: grouping.Index) -> None:
    index.put(1, 10, "why is it that we always have to do this with the proxy")
    assert index.candidates("why is it that we always have to do that with the linter") == []
    assert index.candidates("it is what it is") == []


def test_a_report_of_stop_words_is_like_itself_only(index: grouping.Index) -> None:
    index.put(1, 10, "it is what it is")
    assert index.candidates("It is what it is.")[0].score == pytest.approx(1)
    assert index.candidates("what is it, then") == []


def test_a_shared_error_code_weighs_more_than_a_shared_word(index: grouping.Index) -> None:
    index.put(1, 10, "nightly import dies with ORA-01555")
    index.put(2, 20, "nightly import dies with a timeout")
    assert index.candidates("ORA-01555 during the import")[0].cluster == 10


def test_a_removed_report_is_never_a_candidate(index: grouping.Index) -> None:
    index.put(1, 10, "vpn drops every ten minutes")
    index.put(2, 10, "vpn drops all the time")
    index.remove(1)
    index.remove(1)
    assert [candidate.key for candidate in index.candidates("vpn drops every ten minutes")] == [2]
    index.remove(2)
    assert len(index) == 0
    assert index.candidates("vpn drops every ten minutes") == []


def test_a_moved_report_is_found_in_its_new_cluster(index: grouping.Index) -> None:
    index.put(1, 10, "vpn drops every ten minutes")
    index.put(1, 30, "vpn drops every ten minutes")
    assert [candidate.cluster for candidate in index.candidates("vpn drops")] == [30]
    assert len(index) == 1


def test_a_key_put_again_holds_only_its_new_text(index: grouping.Index) -> None:
    index.put(1, 10, "vpn drops every ten minutes")
    index.put(1, 11, "storybook does not start")
    assert len(index) == 1
    assert index.candidates("every ten minutes the vpn") == []
    assert index.candidates("storybook does not start")[0].cluster == 11


def test_excluded_reports_are_no_candidates_and_no_members(index: grouping.Index) -> None:
    index.put(1, 10, "vpn drops every ten minutes")
    index.put(2, 20, "vpn is slow")
    found = index.candidates("vpn drops every ten minutes", exclude=frozenset({1}))
    assert [candidate.key for candidate in found] == [2]


def test_each_cluster_is_offered_once_and_the_best_comes_first(index: grouping.Index) -> None:
    for key in range(12):
        index.put(key, key // 3, f"vpn drops on floor {'abcdefghijkl'[key] * 4} with client error")
    found = index.candidates("vpn drops on floor bbbb", limit=2)
    assert len({candidate.cluster for candidate in found}) == len(found) == 2
    assert found[0].key == 1
    assert [candidate.score for candidate in found] == sorted((c.score for c in found), reverse=True)


def test_a_report_weighs_the_same_whatever_else_is_kept(index: grouping.Index) -> None:
    index.put(1, 10, "the deploy docs still show the old --force flag")
    before = index.candidates("deploy docs list the --force flag that was removed")
    for key, (report, _) in enumerate(train.corpus()[:200], 100):
        index.put(key, key, report)
    after = index.candidates("deploy docs list the --force flag that was removed")
    assert before[0] == after[0]


@given(texts=st.lists(ANY_TEXT, max_size=4))
@settings(max_examples=100, deadline=None)
def test_any_texts_can_be_kept_asked_and_forgotten(space: grouping.Space, texts: list[str]) -> None:
    index = grouping.Index(space)
    for key, kept_text in enumerate(texts):
        index.put(key, key, kept_text)
    for kept_text in texts:
        found = index.candidates(kept_text)
        assert all(0 < candidate.score <= 1 for candidate in found)
        if terms.terms_of(kept_text):
            assert found[0].score == pytest.approx(1)
    for key in range(len(texts)):
        index.remove(key)
    assert len(index) == 0


def test_candidates_come_quickly_among_ten_thousand_reports(index: grouping.Index) -> None:
    reports = [report for report, _ in train.corpus()]
    for key in range(10_000):
        index.put(key, key // 2, f"{reports[key % len(reports)]} {reports[key * 7 % len(reports)][:30]}")
    begun = perf_counter()
    for report in reports[:100]:
        assert index.candidates(report)
    assert (perf_counter() - begun) / 100 < 0.05  # ten times what it takes, for a busy machine


def test_unasked_joins_on_the_tuning_part_are_almost_always_right(index: grouping.Index) -> None:
    rows = [json.loads(line) for line in BENCHMARK.read_text("utf-8").splitlines()]
    clusters: dict[str, int] = {}
    joins: Counter[bool] = Counter()
    for key, row in enumerate(row for row in rows if row["part"] == "tune"):
        cluster = clusters.setdefault(row["group"], key)
        joined = grouping.join(index.candidates(row["text"]))
        if joined is not None:
            joins[joined.cluster == cluster] += 1
        index.put(key, cluster, row["text"])
    assert joins[True] >= 0.95 * joins.total() > 0
    assert grouping.SUGGEST < grouping.JOIN
