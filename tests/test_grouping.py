"""What grouping promises: which reports say the same, how sure it is, how quick, and that it forgets."""

import json
import pickle
from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from classifiers import agreement, grouping, kinship, link, pair, regroup, shelf, terms, text, train
from classifiers.facts import Facts

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


@pytest.mark.parametrize("again", ["again: {}", "+1 {}", "> {}\n\nme too", "still the same here: {} :("])
@pytest.mark.parametrize(
    "said",
    [
        "npm install fails with ERESOLVE on the web repo",
        "checkout hangs on staging",
        "Our UI tests fail on login a few times each day, mostly in the hours when many pipelines run. The identity "
        "provider locks an account with more than ten parallel sessions, and all eight squads share a single one.",
    ],
)
def test_what_only_says_that_it_happens_again_joins(index: grouping.Index, said: str, again: str) -> None:
    index.put(1, 10, said)
    joined = grouping.join(index.candidates(again.format(said)))
    assert joined is not None and joined.score == pytest.approx(1)


def test_few_words_that_anything_may_say_do_not_join_for_being_the_same(index: grouping.Index) -> None:
    index.put(1, 10, "it does not work")
    assert grouping.join(index.candidates("still does not work here")) is None


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
    for key, (report, _) in enumerate(train.corpus()[: grouping.YOUNG - 2], 100):  # one more, and it weighs anew
        index.put(key, key, report)
    after = index.candidates("deploy docs list the --force flag that was removed")
    assert (before[0].key, before[0].score) == (after[0].key, pytest.approx(after[0].score, abs=1e-9))


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


WORDS = ("vpn", "drops", "deploy", "docs", "flag", "npm", "ERESOLVE", "kafka.topic", "slow", "the", "is", "timeout")
SHORT_TEXT = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)
CHANGES = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 3), st.none() | SHORT_TEXT), max_size=30)


def changed(index: grouping.Index, changes: Sequence[tuple[int, int, str | None]]) -> dict[int, tuple[int, str]]:
    """Put and remove reports, and tell what is left, the newest last."""
    left: dict[int, tuple[int, str]] = {}
    for key, cluster, report in changes:
        if report is None:
            index.remove(key)
            left.pop(key, None)
        else:
            index.put(key, cluster, report)
            left.pop(key, None)
            left[key] = (cluster, report)
    return left


def brute(space: grouping.Space, left: dict[int, tuple[int, str]], asked: str) -> list[tuple[int, int, float]]:
    """Candidates by comparing a text with each report, one at a time, each in an index of its own."""
    scores = {}
    for key, (_, report) in left.items():
        alone = grouping.Index(space)
        alone.put(key, 0, report)
        found = alone.candidates(asked)
        if found:
            scores[key] = found[0].score
    told = set(terms.terms_of(asked))
    ranked = []
    for cluster in {cluster for cluster, _ in left.values()}:
        members = [key for key, (its, _) in left.items() if its == cluster]
        finds = [key for key in members if {t for t in terms.terms_of(left[key][1]) if t[0] != terms.STOP} & told]
        if not finds:
            continue
        every = grouping.Index(space)
        for key in members:
            every.put(key, key, left[key][1])
        likely = every.model.scores(every.figures(asked, members))
        exact = {key: scores.get(key, grouping.SAME * float(at)) for key, at in zip(members, likely, strict=True)}
        best = min(finds, key=lambda key: (-exact[key], key))
        mean = sum(exact.values()) / len(exact)
        top = exact[best]
        score = top if top >= grouping.SAME else grouping.BEST * top + (1 - grouping.BEST) * mean
        ranked.append((best, cluster, score))
    return sorted(ranked, key=lambda each: (-each[2], each[0]))


@given(changes=CHANGES, asked=SHORT_TEXT)
@settings(max_examples=150, deadline=None)
def test_the_index_finds_what_comparing_with_every_report_finds(
    space: grouping.Space, changes: list[tuple[int, int, str | None]], asked: str
) -> None:
    index = grouping.Index(space)
    left = changed(index, changes)
    expected = brute(space, left, asked)
    found = index.candidates(asked, limit=10)
    assert [each.score for each in found] == pytest.approx([score for _, _, score in expected], abs=1e-5)
    assert {each.cluster for each in found} == {cluster for _, cluster, _ in expected}
    assert len(index) == len(left)
    assert dict(index.clusters()) == {key: cluster for key, (cluster, _) in left.items()}


def answer_alike(one: grouping.Index, other: grouping.Index, asked: str) -> bool:
    """Whether both find the same; sums in another order differ in their last digits."""
    found, wanted = ({each.key: each for each in index.candidates(asked)} for index in (one, other))
    return {key: each.cluster for key, each in found.items()} == {
        key: each.cluster for key, each in wanted.items()
    } and {key: each.score for key, each in found.items()} == pytest.approx(
        {key: each.score for key, each in wanted.items()}, abs=1e-6
    )


@given(changes=CHANGES, asked=SHORT_TEXT)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_index_read_from_its_file_answers_the_same(
    space: grouping.Space, tmp_path: Path, changes: list[tuple[int, int, str | None]], asked: str
) -> None:
    index, again = grouping.Index(space), grouping.Index(space)
    changed(index, changes)
    index.reweigh()
    shelf.save(index, tmp_path / "index.npz", 41)
    assert shelf.load(tmp_path / "index.npz", again) == 41
    assert answer_alike(again, index, asked)
    assert len(again) == len(index)
    for each in (index, again):
        each.put(4, 2, "vpn drops again")
        each.put(99, 2, "kafka.topic is slow")
        each.remove(4)
    assert answer_alike(again, index, asked)


@given(texts=st.lists(ANY_TEXT, max_size=5))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_texts_survive_the_file(space: grouping.Space, tmp_path: Path, texts: list[str]) -> None:
    index, again = grouping.Index(space), grouping.Index(space)
    for key, report in enumerate(texts):
        index.put(key, key, report)
    shelf.save(index, tmp_path / "index.npz", 0)
    shelf.load(tmp_path / "index.npz", again)
    for report in texts:
        assert again.candidates(report) == index.candidates(report)


def test_a_removed_report_leaves_no_word_in_memory_or_in_the_next_file(index: grouping.Index, tmp_path: Path) -> None:
    index.put(1, 10, "the vpn drops")
    index.put(2, 20, "xyzzyfrob and plughsecret.key broke the vpn")
    assert b"xyzzyfrob" in pickle.dumps(index)
    index.remove(2)
    assert b"xyzzyfrob" not in (left := pickle.dumps(index))
    assert b"plughsecret" not in left
    assert text.stem.cache_info().currsize == terms.letters.cache_info().currsize == 0
    shelf.save(index, tmp_path / "index.npz", 1)
    with np.load(tmp_path / "index.npz") as file:
        kept = file["terms"].tobytes()
    assert b"vpn" in kept
    assert b"xyzzyfrob" not in kept
    assert b"plughsecret" not in kept
    assert index.candidates("xyzzyfrob plughsecret.key") == []


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:200]), "not a whole file"),
        (lambda path: path.write_bytes(b""), "not a whole file"),
        (lambda path: path.unlink(), "not a whole file"),
        (lambda path: respell(path), "changed after it was written"),
    ],
)
def test_a_broken_index_file_is_refused(index: grouping.Index, tmp_path: Path, spoil: object, said: str) -> None:
    index.put(1, 10, "the vpn drops")
    path = tmp_path / "index.npz"
    shelf.save(index, path, 1)
    spoil(path)  # type: ignore[operator]
    fresh = grouping.Index(index.space)
    with pytest.raises(ValueError, match=said):
        shelf.load(path, fresh)
    assert len(fresh) == 0


def respell(path: Path) -> None:
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    arrays["clusters"] = arrays["clusters"] + 1
    np.savez(path, **arrays)


def test_a_file_of_another_space_is_refused(index: grouping.Index, tmp_path: Path) -> None:
    index.put(1, 10, "the vpn drops")
    shelf.save(index, tmp_path / "index.npz", 1)
    with pytest.raises(ValueError, match="another version"):
        shelf.load(tmp_path / "index.npz", grouping.Index(grouping.Space.from_texts(["the vpn"])))
    assert [each.name for each in tmp_path.iterdir()] == ["index.npz"]


def test_words_that_people_use_often_weigh_less_from_the_next_weighing_on(index: grouping.Index) -> None:
    for key in range(40):
        index.put(key, key, f"frobnicator trouble number {'abcdefghijklmnopqrstuvwxyz'[key % 26] * 3}")
    before = index.candidates("frobnicator, nothing else in common")[0].score
    index.reweigh()
    assert index.candidates("frobnicator, nothing else in common")[0].score < before


def test_a_second_scorer_has_an_equal_say(space: grouping.Space) -> None:
    class Sure:
        def put(self, key: int, text: str) -> None: ...
        def remove(self, key: int) -> None: ...
        def scores(self, text: str, keys: Sequence[int]) -> list[float]:
            return [1.0 if key == 2 else 0.0 for key in keys]

    alone, both = grouping.Index(space), grouping.Index(space, Sure())
    for index in (alone, both):
        index.put(1, 10, "vpn drops every ten minutes on the train")
        index.put(2, 20, "vpn is slow")
    assert alone.candidates("vpn drops on the train")[0].key == 1
    assert both.candidates("vpn drops on the train")[0].key == 2


# Answers


def test_answers_move_the_weights_and_none_leave_them() -> None:
    assert link.fit_link([]).weights == pytest.approx(link.SHIPPED.weights)
    unlike, alike = (0.6, 0.3, 1.5, 0.6, 0.9, 0.7, 0.3, 0.3), (0.9, 0.5, 2.5, 0.9, 1.0, 0.7, 0.1, 0.6)
    learned = link.fit_link([(unlike, False), (alike, True)] * 200)
    assert learned.scores(np.array([unlike]))[0] < 0.2 < link.SHIPPED.scores(np.array([unlike]))[0]
    assert np.sign(learned.weights).tolist() == np.sign(link.SHIPPED.weights).tolist()


@given(
    pairs=st.lists(
        st.tuples(st.tuples(*[st.floats(0, 4)] * len(pair.FIGURES)), st.booleans()),
        max_size=20,
    )
)
@settings(max_examples=60, deadline=None)
def test_any_answers_give_a_usable_link(pairs: list[tuple[tuple[float, ...], bool]]) -> None:
    learned = link.fit_link(pairs)
    assert np.isfinite([learned.bias, *learned.weights]).all()
    assert (np.array(learned.weights) * link.SHIPPED.weights >= 0).all()
    assert learned == link.fit_link(pairs)


# Regrouping

KEYS = st.integers(0, 7)
FACTS = st.lists(st.tuples(KEYS, KEYS).filter(lambda pair: pair[0] != pair[1]), max_size=4)


@given(
    reports=st.lists(st.tuples(st.integers(0, 5), SHORT_TEXT), min_size=1, max_size=8),
    same=FACTS,
    different=FACTS,
    touched=st.sets(st.integers(0, 5)),
)
@settings(max_examples=300, deadline=None)
def test_regrouping_violates_no_fact_and_the_second_time_changes_nothing(
    space: grouping.Space,
    reports: list[tuple[int, str]],
    same: list[tuple[int, int]],
    different: list[tuple[int, int]],
    touched: set[int],
) -> None:
    index = grouping.Index(space)
    for key, (cluster, report) in enumerate(reports):
        index.put(key, cluster, report)
    before, facts = dict(index.clusters()), Facts(same, different)
    night = regroup.regroup(index, same, different, touched)
    assert night == regroup.regroup(index, same, different, touched)
    for each in night.attached:
        assert before[each.key] == each.cluster not in touched
        assert list(before.values()).count(each.cluster) == 1
        index.put(each.key, each.into, reports[each.key][1])
    after = dict(index.clusters())
    for one, other in combinations(after, 2):
        if before[one] != before[other] and after[one] == after[other]:
            assert not facts.apart([one], [other])
        if before[one] == before[other]:
            assert after[one] == after[other]
    for merge in night.merges:
        here = [key for key in after if after[key] == merge.cluster]
        there = [key for key in after if after[key] == merge.into]
        assert here
        assert there
        assert not facts.apart(here, there)
        assert merge.into < merge.cluster
    for split in night.splits:
        stay = [key for key in before if before[key] == split.cluster and key not in split.keys]
        assert stay
        assert not any(
            (one in split.keys) != (other in split.keys)
            for one, other in same
            if before.get(one) == before.get(other) == split.cluster
        )
    again = regroup.regroup(index, same, different, touched)
    assert again.attached == ()
    assert again.merges == night.merges


def test_reports_alone_join_the_cluster_they_near_certainly_belong_to(index: grouping.Index) -> None:
    index.put(1, 10, "npm install fails with ERESOLVE on the web repo")
    index.put(2, 10, "npm install: ERESOLVE in the web repo")
    index.put(3, 30, "npm install fails with ERESOLVE in the web repo!")
    index.put(4, 40, "the deploy docs show a flag that was removed")
    assert regroup.regroup(index).attached == (regroup.Attachment(3, 30, 10),)
    assert regroup.regroup(index, touched={30}).attached == ()
    assert regroup.regroup(index, touched={10}).attached == (regroup.Attachment(3, 30, 10),)
    assert regroup.regroup(index, different=[(3, 2)]).attached == ()
    assert regroup.regroup(index, same=[(3, 4)], different=[(3, 2)]).attached == (regroup.Attachment(4, 40, 30),)


def test_like_clusters_are_suggested_to_merge_unless_somebody_said_no(index: grouping.Index) -> None:
    for key, report in enumerate(("vpn drops every ten minutes", "the vpn drops every few minutes") * 2):
        index.put(key, 10 if key < 2 else 20, report)
    assert [(each.cluster, each.into) for each in regroup.regroup(index).merges] == [(20, 10)]
    assert regroup.regroup(index, different=[(3, 0)]).merges == ()
    assert regroup.regroup(index).attached == ()


def test_a_report_unlike_its_cluster_is_suggested_to_leave_and_a_fact_makes_it(index: grouping.Index) -> None:
    index.put(1, 10, "vpn drops every ten minutes")
    index.put(2, 10, "vpn drops all ten minutes")
    index.put(3, 10, "storybook shows no icons")
    assert regroup.regroup(index).splits == (regroup.Split(10, (3,)),)
    assert regroup.regroup(index, touched={10}).splits == ()
    assert regroup.regroup(index, same=[(1, 3)]).splits == ()
    assert regroup.regroup(index, different=[(1, 2)], touched={10}).splits == (regroup.Split(10, (2,)),)


# Agreement


def test_agreement_is_by_the_book() -> None:
    perfect = agreement.compare([1, 1, 2], ["a", "a", "b"])
    assert (perfect.f1, perfect.pair_precision, perfect.pair_recall, perfect.ami) == pytest.approx((1, 1, 1, 1))
    lumped = agreement.compare([1, 1, 1, 1], ["a", "a", "b", "b"])
    assert (lumped.precision, lumped.recall) == pytest.approx((0.5, 1))
    assert (lumped.pair_precision, lumped.pair_recall) == pytest.approx((2 / 6, 1))
    apart = agreement.compare([1, 2, 3, 4], ["a", "a", "b", "b"])
    assert (apart.precision, apart.recall, apart.pair_precision, apart.pair_recall) == pytest.approx((1, 0.5, 1, 0))


def test_every_order_of_arrival_counts_the_same_way_each_time(space: grouping.Space) -> None:
    texts = ["vpn drops every ten minutes", "vpn drops every ten minutes", "storybook shows no icons", "vpn: drops"]
    figures = agreement.evaluate(texts, ["a", "a", "b", "a"], space)
    assert figures == agreement.evaluate(texts, ["a", "a", "b", "a"], space)
    assert figures.repeats == 2
    assert figures.recall_at_3 == 1
    assert figures.alone.pair_precision == 1
    assert figures.settled.f1 >= figures.answered.f1 >= figures.alone.f1


def test_an_answer_to_the_second_of_three_counts_and_so_does_the_one_of_the_night(
    space: grouping.Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = ["the vpn drops every ten minutes", "the vpn drops at home", "vpn drops every ten minutes at home"]
    monkeypatch.setattr(grouping, "JOIN", 1.1)
    monkeypatch.setattr(grouping, "SUGGEST", 0.0)
    monkeypatch.setattr(grouping, "BESIDE", 0.0)
    asked = agreement.evaluate(texts, ["a", "b", "b"], space)
    assert asked.answered.f1 == 1 and asked.accepted == pytest.approx(0.5, abs=0.2)
    monkeypatch.setattr(grouping, "SUGGEST", 1.1)
    monkeypatch.setattr(regroup, "MERGE", 0.0)
    slept = agreement.evaluate(texts, ["a", "b", "b"], space)
    assert (slept.asked, slept.answered.f1 < 1, slept.settled.f1) == (0, True, 1)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["{"], "line 1 is not JSON"),
        (['{"id":1,"text":"a","group":"x"}', '{"id":2,"text":"b"}'], "line 2 must be an object"),
        (['{"id":1,"text":"a","group":"x"}', "", "[]"], "line 3 must be an object"),
        (['{"id":1,"text":"a","group":"x"}', '{"id":1,"text":"b","group":"x"}'], "line 2 repeats the id 1"),
        (['{"id":1,"text":null,"group":"x"}'], "line 1 must be an object"),
        ([], "two reports at least"),
    ],
)
def test_a_bad_file_of_groups_is_told_by_its_line(lines: list[str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        agreement.read(lines)


# Kinship


def test_the_vectors_are_of_the_corpus_that_is_here() -> None:
    assert kinship.made_of() == kinship.fingerprint([text for text, _ in train.corpus()])


def test_words_that_keep_the_same_company_bring_texts_together_that_share_none(index: grouping.Index) -> None:
    index.put(1, 10, "the tunnel drops all the time")
    index.put(2, 20, "storybook shows wrong icons")
    near = index.figures("vpn connection is lost every ten minutes", [1, 2])[:, pair.FIGURES.index("near")]
    assert near[0] > 2 * near[1]
    unknown = index.figures("zxqv", [1])[0]
    assert unknown[pair.FIGURES.index("near")] == unknown[pair.FIGURES.index("rest")] == pytest.approx(0, abs=1e-6)
