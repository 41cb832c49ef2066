"""Areas of one's own: what the file may say, what is said of a bad one, and that ten examples are enough."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.settings import Settings, SettingsWrong
from classifiers import area, areas, figures, train
from classifiers.areas import Area

EXAMPLE = Path(__file__).parent.parent / "docs" / "areas.toml"

TEN = "[" + ", ".join(f'"build {number} waits in the queue"' for number in range(10)) + "]"

#: What the example's area "builds" is for, in other words than its ten examples.
SLOW = (
    "pipeline takes an hour now, half of it is waiting for a runner",
    "CI queue again: 70 minutes until my job got a runner",
    "builds are slow since the new lint stage",
    "full rebuild on every push, the build cache is useless",
    "40 minutes of CI for a typo fix",
    "the merge queue is stuck behind nightly jobs",
    "why does every job compile everything from zero",
    "no free runners, everything is pending since ten",
    "our integration stage alone takes 25 minutes",
    "caches expire before the next pipeline starts",
    "runner pool too small for the afternoon rush",
    "waiting on the build farm is my main activity",
)


@pytest.fixture(scope="session")
def with_builds() -> area.AreaClassifier:
    return train.fit(train.examples(areas.read(EXAMPLE.read_text("utf-8"))))


def test_without_a_file_there_are_the_four() -> None:
    assert areas.keys(Settings(_env_file=None, areas_file="").areas()) == train.AREAS


def test_the_example_adds_an_area_and_gives_another_an_owner() -> None:
    there = {each.key: each for each in Settings(_env_file=None, areas_file=str(EXAMPLE)).areas()}
    assert list(there) == [*train.AREAS, "builds"]
    assert there["builds"].name == "Builds and CI"
    assert len(there["builds"].examples) == 10
    assert there["docs"] == Area("docs", "Documentation", areas.BUILT_IN[0].description, "U0TINA0001")


def test_a_file_may_leave_out_the_four_and_what_they_have_belongs_to_none_then() -> None:
    there = areas.read(f'replace = true\n[[area]]\nkey = "a"\nexamples = {TEN}\n[[area]]\nkey = "docs"')
    assert areas.keys(there) == ("a", "docs")
    labels = [label for _, label in train.examples(there)]
    assert set(labels) == {"a", "docs", area.NONE}
    assert labels.count(area.NONE) > 1000


def test_a_built_in_area_with_examples_is_learned_from_those_alone() -> None:
    there = areas.read(f'[[area]]\nkey = "docs"\nexamples = {TEN}')
    told = [report for report, label in train.examples(there) if label == "docs"]
    assert [report for report in told if report.startswith("build ")] == told[:10]
    assert len(told) == 12  # its name and its description speak for it too


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("[[area]]\nkey = builds", "line 2: this is not TOML: "),
        ("[[area]\n", "line 1: this is not TOML: "),
        ('[[area]]\nkey = "a"\nexamples = [', "line 3: this is not TOML: "),
        ("", "line 1: there is no [[area]] in it."),
        ("replace = 1\n", "line 1: `replace` must be true or false."),
        ('colour = "red"\n', "line 1: 'colour' means nothing here."),
        ('area = "docs"\n', "line 1: each area begins with a line that says [[area]]."),
        ('# ours\n\n[[area]]\nname = "Builds"\n', "line 3: an area needs a `key`"),
        ('[[area]]\nkey = "Builds & CI"\n', "line 2: an area needs a `key` of at most 24 small letters"),
        ('[[area]]\nkey = "unsorted"\n', "line 2: 'unsorted' has a meaning of its own"),
        ('[[area]]\nkey = "a"\nkolour = 1\n', "line 3: 'kolour' means nothing here. An area has key, name,"),
        ('[[area]]\nkey = "a"\nname = 7\n', "line 3: 'name' must be text in quotation marks."),
        ('[[area]]\nkey = "a"\nowner = "tina"\n', "line 3: 'tina' is not a Slack user id, such as U024BE7LH."),
        ('[[area]]\nkey = "a"\n', "line 1: an area needs at least 10 examples that differ, and this one has 0."),
        (
            '[[area]]\nkey = "a"\nexamples = ["x", "x", "y"]\n',
            "line 3: an area needs at least 10 examples that differ, and this one has 2.",
        ),
        ('[[area]]\nkey = "docs"\nexamples = ["only one"]', "line 3: an area needs at least 10 examples"),
        ('[[area]]\nkey = "a"\nexamples = "x"\n', "line 3: `examples` must be a list of texts in [ ]."),
        ('[[area]]\nkey = "a"\nexamples = [\n  "x",\n  42,\n]\n', "line 5: every example must be text, and not empty."),
        (
            f'[[area]]\nkey = "a"\nexamples = {TEN}\n[[area]]\nkey = "a"\nexamples = {TEN}\n',
            "line 5: there is an area 'a' further up already.",
        ),
        (f'replace = true\n[[area]]\nkey = "a"\nexamples = {TEN}\n', "line 1: one area alone is told from nothing."),
        (
            "".join(f'[[area]]\nkey = "a{number}"\nexamples = {TEN}\n' for number in range(21)),
            "line 61: there may be at most 24 areas.",
        ),
    ],
)
def test_a_bad_file_is_named_with_its_line_in_one_sentence(written: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "areas.toml"
    path.write_text(written, "utf-8")
    with pytest.raises(SettingsWrong) as wrong:
        Settings(_env_file=None, areas_file=str(path)).areas()
    assert str(wrong.value).startswith(f"AREAS_FILE: {path}, {said}")
    assert "\n" not in str(wrong.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsWrong, match=r"none\.toml cannot be read: No such file"):
        Settings(_env_file=None, areas_file=str(tmp_path / "none.toml")).areas()
    (tmp_path / "latin.toml").write_bytes(b'[[area]]\nname = "Stra\xdfe"')
    with pytest.raises(SettingsWrong, match=r"latin\.toml, line 2: this is not UTF-8"):
        Settings(_env_file=None, areas_file=str(tmp_path / "latin.toml")).areas()


@given(written=st.text(alphabet="[]area= \"key\n#ex\\'u0{}1", max_size=120))
def test_whatever_the_file_says_it_is_taken_or_refused_in_a_sentence(written: str) -> None:
    try:
        there = areas.read(written)
    except areas.AreasWrong as wrong:
        assert str(wrong).startswith("line ")
    else:
        assert len(there) > 1


# Ten examples


def test_an_area_of_ten_examples_answers_reports_of_its_kind_and_no_others(with_builds: area.AreaClassifier) -> None:
    answers = with_builds.answers(SLOW)
    assert {answer.area for answer in answers} <= {"builds", area.UNSORTED}
    assert sum(answer.area == "builds" for answer in answers) >= len(SLOW) / 3
    assert sum(answer.ranked[0] == "builds" for answer in answers) >= len(SLOW) * 2 / 3
    others = [report for report, label in train.corpus() if label != area.NONE]
    taken = [answer for answer in with_builds.answers(others) if answer.area == "builds"]
    assert len(taken) <= len(others) * 0.002


def test_an_area_of_ten_examples_may_be_answered_at_all(with_builds: area.AreaClassifier) -> None:
    assert 0.5 <= with_builds.thresholds_["builds"] < 1


def test_the_kept_model_is_fitted_anew_when_the_areas_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, with_builds: area.AreaClassifier
) -> None:
    monkeypatch.setattr(train, "fit", lambda _: with_builds)
    there = areas.read(EXAMPLE.read_text("utf-8"))
    assert train.load_or_fit(tmp_path / "area.npz", there)[1]
    assert not train.load_or_fit(tmp_path / "area.npz", there)[1]
    assert train.load_or_fit(tmp_path / "area.npz")[1]


# Figures


def test_figures_say_what_was_right_answered_and_taken_for_what() -> None:
    told = figures.measure(
        ["docs", "docs", "docs", "errors", "none", "none"],
        ["docs", "docs", "errors", "errors", "none", "docs"],
        [0.95, 0.95, 0.55, 0.75, 0.85, 0.65],
        ["docs", "unsorted", "errors", "errors", "unsorted", "docs"],
    )
    assert told.accuracy == pytest.approx(4 / 6)
    assert (told.coverage, told.none_answered) == (3 / 4, 1 / 2)
    assert told.answered_precision == 2 / 4
    docs = told.areas["docs"]
    assert (docs.precision, docs.recall, docs.coverage, docs.reports) == (1 / 2, 1 / 3, 2 / 3, 3)
    assert told.areas["errors"].likeliest_f1 == pytest.approx(2 / 3)
    assert told.macro_f1 == pytest.approx((2 / 3 + 2 / 3 + 2 / 3) / 3)
    assert told.confusion["docs"] == {"docs": 2, "errors": 1, "none": 0}
    assert sum(each.reports for each in told.reliability) == told.reports == 6
    assert told.ece == pytest.approx((0.05 * 2 + 0.55 + 0.25 + 0.15 + 0.65) / 6)


def test_a_class_without_a_report_counts_in_no_average() -> None:
    told = figures.measure(["docs", "errors"], ["docs", "errors"], [0.9, 0.9], ["docs", "onboarding"])
    assert told.macro_f1 == 1
    assert told.areas["onboarding"].reports == 0
