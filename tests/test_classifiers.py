"""What the classifiers promise: areas, the model file and the corpus they come from."""

import json
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils import estimator_checks

from classifiers import area, lexicon, text, thesaurus, train

LABELS = (*train.AREAS, area.NONE)
ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()), max_size=300)


@pytest.fixture(scope="session")
def model() -> area.AreaClassifier:
    return train.fit()


@pytest.fixture
def kept(model: area.AreaClassifier, tmp_path: Path) -> Path:
    model.save(tmp_path / "model.npz")
    return tmp_path / "model.npz"


# Areas


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        ("the deploy docs still show the old --force flag", "docs"),
        ("the runbook for the payment service is outdated, half of its links are broken", "docs"),
        ("uploading an empty file crashes with NullPointerException instead of a useful message", "errors"),
        ("it only says 'Error: undefined', what am I supposed to do with that", "errors"),
        ("new laptop, day three, still waiting for VPN access and a GitHub licence", "onboarding"),
        ("took me two days to get the dev environment running on a new machine", "onboarding"),
        ("breakpoints are never hit in the worker and there are no logs to find out why", "debugging"),
    ],
)
def test_plain_reports_are_tagged_with_their_area(model: area.AreaClassifier, report: str, expected: str) -> None:
    assert model.answer(report).area == expected


@pytest.mark.parametrize(
    "report", ["thanks for the great release, love it!", "lunch is in the kitchen", "when is the next all-hands?"]
)
def test_praise_and_small_talk_are_left_unsorted(model: area.AreaClassifier, report: str) -> None:
    assert model.answer(report).area == area.UNSORTED


@pytest.mark.parametrize(
    "report", ["", "   ", "\n\n", "???", "🔥🔥🔥", "\x00\x01", "\ud800", "12345", "asdf qwer zxcv"]
)
def test_what_says_nothing_is_left_unsorted(model: area.AreaClassifier, report: str) -> None:
    assert model.answer(report).area == area.UNSORTED


@given(report=ANY_TEXT)
@settings(max_examples=200, deadline=None)
def test_any_text_gets_an_answer_or_an_abstention(model: area.AreaClassifier, report: str) -> None:
    answer = model.answer(report)
    assert answer.area in (*train.AREAS, area.UNSORTED)
    assert 0 <= answer.confidence <= 1
    assert sorted(answer.ranked) == sorted(train.AREAS)
    assert len(answer.why) <= 3


LONG = st.text(alphabet=st.characters(exclude_categories=()), min_size=1, max_size=40).map(
    lambda unit: (unit * 10_000)[:10_000]
)
SCRIPTS = st.sampled_from(
    [
        "デプロイのドキュメントが古いままです",
        "документация по развёртыванию устарела",
        "وثائق النشر قديمة ولا تعمل",
        "तैनाती का दस्तावेज़ पुराना है",
        "部署文档还是旧的,命令已经不存在了",
        "배포 문서가 오래되었습니다",
        "התיעוד של הפריסה ישן",
        "เอกสารการปรับใช้ล้าสมัย",
        "🚀🔥📄 👩‍👩‍👧‍👦 🇩🇪 ❓",
        "Z̸̢͝a̵l̷g̸o̴ ̶d̷o̴c̶s̵",
    ]
)
CODE = st.sampled_from(
    [
        "def f(x):\n    return {k: v for k, v in x.items() if v is not None}\n",
        "SELECT * FROM users WHERE id = $1 AND deleted_at IS NULL;",
        "kubectl -n prod get pods -o jsonpath='{.items[*].metadata.name}' | xargs -n1",
        "#include <stdio.h>\nint main(void) { return 0; }",
        '{"a": [1, 2, {"b": null}], "c": "\\u0000"}',
        "<div class='a'>{{ x | safe }}</div>",
        "0xDEADBEEF 0b1010 1e-9 ^(?:a+)+$ \\d{3}",
    ]
)


@given(
    report=st.one_of(LONG, SCRIPTS, CODE, st.characters(exclude_categories=()), st.tuples(SCRIPTS, CODE).map("".join))
)
@settings(max_examples=150, deadline=None)
def test_other_scripts_code_one_letter_and_long_pastes_get_an_answer_or_an_abstention(
    model: area.AreaClassifier, report: str
) -> None:
    answer = model.answer(report)
    assert answer.area in (*train.AREAS, area.UNSORTED)
    assert all(why.strip() for why in answer.why)


@pytest.mark.parametrize("unit", ["a", "/a", "<", "a.", "--a", "<@U1|", "A1", "é ", "http://", "\ufdfa"])
def test_a_huge_text_is_read_no_further_than_its_beginning(model: area.AreaClassifier, unit: str) -> None:
    begun = perf_counter()
    assert model.answer(unit * 100_000) == model.answer(unit * 200_000)
    assert perf_counter() - begun < 2


def test_an_answer_is_given_only_above_the_threshold_of_its_area(model: area.AreaClassifier) -> None:
    for answer in model.answers([report for report, _ in train.corpus()[::7]]):
        sure = answer.confidence >= model.thresholds_[answer.ranked[0]]
        assert answer.area == (answer.ranked[0] if sure else area.UNSORTED)


def test_no_area_is_answered_on_less_than_even_odds(model: area.AreaClassifier) -> None:
    assert set(model.thresholds_) == set(train.AREAS)
    assert all(0.5 <= threshold <= 1 for threshold in model.thresholds_.values())


def test_an_answer_says_which_words_spoke_for_it(model: area.AreaClassifier) -> None:
    report = "the deploy docs still show the old --force flag"
    answer = model.answer(report)
    assert answer.why
    assert any("documentation" in why or "docs" in why for why in answer.why)
    with pytest.raises(FrozenInstanceError):
        answer.area = "errors"  # type: ignore[misc]


def test_many_reports_are_answered_as_each_alone(model: area.AreaClassifier) -> None:
    reports = [report for report, _ in train.corpus()[::150]]
    for together, alone in zip(model.answers(reports), map(model.answer, reports), strict=True):
        assert (together.area, together.ranked, together.why) == (alone.area, alone.ranked, alone.why)
        assert together.confidence == pytest.approx(alone.confidence, abs=1e-5)
    assert model.answers([]) == []


def test_probabilities_cover_every_class_and_add_up(model: area.AreaClassifier) -> None:
    probabilities = model.predict_proba(["no logs", "broken link in the docs"])
    assert list(model.classes_) == sorted(LABELS)
    assert probabilities.shape == (2, len(LABELS))
    assert probabilities.sum(axis=1) == pytest.approx([1, 1])
    assert model.predict(["thanks, great work everybody"]).tolist() == [area.NONE]


def test_the_same_examples_give_the_same_model() -> None:
    examples = train.corpus()[::20]
    first, second = train.fit(examples), train.fit(examples)
    assert first.thresholds_ == second.thresholds_
    assert np.array_equal(first.coef_, second.coef_)


def test_two_areas_are_enough() -> None:
    examples = [(report, label) for report, label in train.corpus() if label in ("docs", "errors")]
    two = train.fit(examples[:60] + examples[-60:])
    assert two.predict(["the wiki page is outdated", "crashes with a segmentation fault"]).tolist() == [
        "docs",
        "errors",
    ]
    assert two.predict_proba(["the wiki page is outdated"]).sum() == pytest.approx(1)


def test_an_area_of_ones_own_can_be_taught() -> None:
    builds = [f"CI build {number} of the {name} service is slow" for number, name in enumerate("abcdefghij" * 2)]
    taught = train.fit([*train.corpus()[::10], *((report, "builds") for report in builds)])
    assert "builds" in taught.answer("CI build of the billing service is slow").ranked[0]


def test_reports_that_are_alike_share_a_fold() -> None:
    reports = ["deploy fails with exit code 137", "Deploy fails: exit code 137!", "lunch at noon", "no logs at all"] * 5
    folds = area.folds(reports, ["errors", "errors", "none", "debugging"] * 5, 3)
    for first, fold in zip(reports, folds, strict=True):
        assert {other for report, other in zip(reports, folds, strict=True) if report == first} == {fold}


def test_it_behaves_as_scikit_learn_expects(model: area.AreaClassifier) -> None:
    estimator_checks.check_get_params_invariance("AreaClassifier", area.AreaClassifier())
    estimator_checks.check_set_params("AreaClassifier", area.AreaClassifier())
    estimator_checks.check_no_attributes_set_in_init("AreaClassifier", area.AreaClassifier())
    estimator_checks.check_parameters_default_constructible("AreaClassifier", area.AreaClassifier())
    copy = clone(model)
    assert copy.get_params() == model.get_params()
    with pytest.raises(NotFittedError):
        copy.answer("docs are outdated")


# The model file


def test_a_saved_model_answers_as_before(model: area.AreaClassifier, kept: Path) -> None:
    reports = [report for report, _ in train.corpus()[::50]]
    loaded = area.AreaClassifier.load(kept)
    assert loaded.answers(reports) == model.answers(reports)
    assert loaded.get_params() == model.get_params()
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]


def test_a_model_that_cannot_be_written_leaves_no_part_behind(
    model: area.AreaClassifier, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = kept.read_bytes()

    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        model.save(kept)
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]
    assert kept.read_bytes() == before


def test_a_kept_model_is_loaded_and_not_fitted_again(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "fit", lambda _: pytest.fail("fitted again"))
    loaded, fitted = train.load_or_fit(kept)
    assert not fitted
    assert loaded.corpus_ == train.corpus_hash()


def _changed(kept: Path, **changes: object) -> None:
    """Write the file again with another manifest, or with other arrays and the old manifest."""
    with np.load(kept, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    manifest = json.loads(arrays.pop("manifest").tobytes())
    for name, change in changes.items():
        if name in arrays:
            arrays[name] = change
        elif name in manifest:
            manifest[name] = change
        else:
            manifest["about"][name] = change
    np.savez(kept, manifest=np.frombuffer(json.dumps(manifest).encode(), dtype=np.uint8), **arrays)


FAULTS: dict[str, Callable[[Path], object]] = {
    "cut in half": lambda kept: kept.write_bytes(kept.read_bytes()[: kept.stat().st_size // 2]),
    "cut in its last bytes": lambda kept: kept.write_bytes(kept.read_bytes()[:-30]),
    "empty": lambda kept: kept.write_bytes(b""),
    "something else": lambda kept: kept.write_text("not a model"),
    "one array": lambda kept: kept.write_bytes(b"\x93NUMPY\x01\x00" + b"\x00" * 40),
    "without a manifest": lambda kept: np.savez(kept, coef=np.zeros(3)),
    "of an older format": lambda kept: _changed(kept, version="area 1"),
    "tampered with": lambda kept: _changed(kept, intercept=np.ones(5, dtype=np.float32)),
    "with unknown settings": lambda kept: _changed(kept, settings={"colour": "green"}),
}


@pytest.mark.parametrize("spoil", list(FAULTS.values()), ids=list(FAULTS))
def test_a_model_file_that_was_tampered_with_is_rebuilt(
    spoil: Callable[[Path], object],
    model: area.AreaClassifier,
    kept: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    spoil(kept)
    with pytest.raises(ValueError, match=r"model\.npz"):
        area.AreaClassifier.load(kept)
    monkeypatch.setattr(train, "fit", lambda _: model)
    with caplog.at_level(logging.WARNING, "classifiers.train"):
        rebuilt, fitted = train.load_or_fit(kept)
    assert (rebuilt, fitted) == (model, True)
    assert len(caplog.records) == 1
    assert area.AreaClassifier.load(kept).corpus_ == model.corpus_


def test_a_model_of_another_corpus_is_rebuilt(
    model: area.AreaClassifier, kept: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    _changed(kept, corpus="0" * 64)
    monkeypatch.setattr(train, "fit", lambda _: model)
    assert train.load_or_fit(kept) == (model, True)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert train.load_or_fit(kept)[1] is False


def test_a_missing_model_is_fitted_without_complaint(
    model: area.AreaClassifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(train, "fit", lambda _: model)
    assert train.load_or_fit(tmp_path / "new.npz") == (model, True)
    assert (tmp_path / "new.npz").exists()
    assert not caplog.records


# How texts are read


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        ("ping <@U012ABC> about <#C1|deploys>", "ping    about  deploys "),
        ("see <https://wiki.acme/x|the wiki>", "see  the wiki "),
        ("a &lt; b &amp;&amp; c", "a < b && c"),
        ("<!here> ﬁle", "   file"),
        ("List<String>", "List<String>"),
        ("nul\x00 and \ud800 lone", "nul  and   lone"),
    ],
)
def test_slack_markup_reads_as_people_see_it(report: str, expected: str) -> None:
    assert text.clean(report) == expected


@pytest.mark.parametrize(
    ("report", "shape"),
    [
        ("https://wiki.acme/page", "<url>"),
        ("/etc/hosts", "<path>"),
        ("src/main/App.java", "<path>"),
        ("--force", "<flag>"),
        ("ORA-01555", "<code>"),
        ("ECONNREFUSED", "<code>"),
        ("0x80070005", "<code>"),
        ("NullPointerException", "<exception>"),
        ("typeerror", "<exception>"),
        ("503", "<status>"),
        ("3f2504e0-4f89-11d3-9a0c-0305e82c3301", "<hash>"),
        ("9fceb02d0ae598e95dc970b74767f19372d61af8", "<hash>"),
        ("v1.24.3", "<version>"),
        ("80000", "<number>"),
        ("max_poll_interval", "<identifier>"),
        ("useEffect", "<identifier>"),
        ("out-of-date", ""),
        ("mirror", ""),
    ],
)
def test_identifiers_are_known_by_their_shape(report: str, shape: str) -> None:
    assert [piece.shape for piece in text.pieces(report)] == [shape]


@pytest.mark.parametrize(
    "family",
    [
        "install installs installed installing installer installation",
        "debug debugs debugging debugger debugged",
        "configure configures configured configuring configuration",
        "deploy deploys deployed deployment deployments",
        "cache caches cached caching",
        "dependency dependencies",
        "log logs logged logging logger",
        "migrate migrated migration migrations",
    ],
)
def test_words_of_one_family_have_one_stem(family: str) -> None:
    assert len({text.stem(word) for word in family.split()}) == 1


def test_negations_survive_and_have_one_spelling() -> None:
    assert {
        stem for word in ("no", "can't", "won’t", "never") for piece in text.pieces(word) for stem in piece.stems
    } == {"not"}
    assert not {"not", *lexicon.SYNONYMS} & thesaurus.STOP_WORDS - {"not"}


# The corpus


@pytest.mark.parametrize("label", LABELS)
def test_every_area_has_enough_examples_and_no_blank_or_double_ones(label: str) -> None:
    path = Path(train.__file__).parent / "corpus" / f"{label}.txt"
    lines = path.read_text("utf-8").splitlines()
    assert len(lines) >= 400
    assert all(line.strip() == line and line for line in lines)
    assert [line for line, times in Counter(lines).items() if times > 1] == []


def test_no_example_has_two_labels() -> None:
    assert [report for report, times in Counter(report for report, _ in train.corpus()).items() if times > 1] == []


def test_the_corpus_is_known_by_its_contents() -> None:
    assert train.corpus_hash() == train.corpus_hash() == area.fingerprint(train.corpus())
    assert train.corpus_hash() != area.fingerprint(train.corpus()[1:])
    assert any("\n" in report for report, _ in train.corpus())
