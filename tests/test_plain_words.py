"""Plain English, counted: the terms of ``plain_words.TERMS``, and the length of sentences on pages and screens."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from command import Say
from plain_words import LONGEST, MEAN, page_prose, prose, screen_prose, sentences, words, wrong_terms, wrong_terms_in
from sklearn.datasets import load_diabetes, load_wine

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
PAGES += sorted((ROOT / "docs" / "learn").glob("*.md"))

OLD_WORDS: set[str] = set()
"""Files that name an old word because folders that were written with it are still read."""


def lengths(text: str) -> list[tuple[int, str]]:
    """Number of words of each sentence, and the sentence."""
    return [(len(words(sentence)), sentence) for sentence in sentences(text)]


def test_the_counter_finds_what_it_should() -> None:
    found = {
        found.words.lower() for found in wrong_terms("Dealt by chance: the test part, at a rate of 0.1. These figures")
    }
    assert found == {"dealt", "test part", "a rate", "figures"}
    assert not list(wrong_terms("The learning rate, the error rate, `layerlab rate`, the base rate; a validation set."))
    text = "One, two and three. Does it end? Of 97.8 % it does."
    assert [n for n, _ in lengths(text)] == [4, 3, 4]
    page = "# A title\n\n| a | b |\n\nText with `x` and\n[a link](there).\n\n```python\nx = 1\n```\n"
    assert prose(page).split() == ["Text", "with", "code", "and", "a", "link."]


def wrong_in(paths: Iterable[Path]) -> list[str]:
    """Where another term should stand, a line for each place."""
    return [
        f"{path.relative_to(ROOT)}:{found.line}: {found.words!r}: {found.better}"
        for path in paths
        for found in wrong_terms_in(path)
    ]


def test_code_uses_the_terms_of_the_field() -> None:
    files = sorted((ROOT / "src").rglob("*.py"))
    wrong = wrong_in(path for path in files if str(path.relative_to(ROOT)) not in OLD_WORDS)
    assert not wrong, "\n".join(wrong)


def test_pages_use_the_terms_of_the_field() -> None:
    wrong = wrong_in((*PAGES, ROOT / "CHANGELOG.md"))
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_pages_have_short_sentences(path: Path) -> None:
    counted = lengths(prose(path.read_text(encoding="utf-8")))
    long = [f"{n} words: {sentence}" for n, sentence in counted if n > LONGEST]
    assert not long, "\n".join(long)
    mean = sum(n for n, _ in counted) / len(counted)
    assert mean < MEAN, f"{path.name}: {mean:.1f} words a sentence"


SCREENS = (
    "compare digits",
    "compare breast_cancer --seeds 2 --splits 2",
    "train flower --out runs/flower",
    "train flower --initializer zeros --iterations 500 --out runs/zeros",
    "train flower --learning-rate 300 --iterations 1000 --out runs/bad",
    "train digits --learning-rate 0.0001 --iterations 300 --out runs/slow",
    "train wine.csv --target cultivar --out runs/wine",
    "train diabetes.csv --target progression --out runs/diabetes",
    "step flower",
    "step wine.csv --target cultivar --at 40 --example 3 --batch-size 142",
    "step runs/flower --layer 2 --input bias",
    "data list",
    "data describe wine.csv --target cultivar",
    "data describe flower",
    "sweep flower --learning-rate 0.01,1,30 --seed 0..2 --iterations 300",
    "rate flower --iterations 500",
    "search flower --trials 8 --workers 0 --out tuned",
    "predict runs/wine wine.csv",
    "explain runs/wine 17",
    "report runs/wine --out wine.html",
    "report runs/zeros --out zeros.html",
    "report tuned --out tuned.html",
    "export runs/wine wine-numpy --format numpy",
    "train digits --iterations 100000 --explain",
    "doctor",
    "learn",
    "learn new course",
    "learn list",
    "learn --course course hint 1.01",
    "learn --course course solution 1.01 --show-anyway",
    "learn --course course reset 1.01",
    "learn --course course export-results --out results.csv",
    "learn doctor",
    "learn --course course",
)
"""Commands whose screens are read, in an order in which each finds what it needs."""


@pytest.mark.processes
def test_screens_and_reports_are_plain(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "2000")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False, raising=False)
    for loader, target in ((load_wine, "cultivar"), (load_diabetes, "progression")):
        loader(as_frame=True).frame.rename(columns={"target": target}).to_csv(f"{loader.__name__[5:]}.csv", index=False)
    shown = {}
    for command in SCREENS:
        said = say(*command.split())
        assert said.status == 0, f"{command}: {said.err}"
        shown[command] = screen_prose(said.out)
    shown |= {page.name: page_prose(page.read_text(encoding="utf-8")) for page in tmp_path.glob("*.html")}
    counted = [(n, sentence, name) for name, text in shown.items() for n, sentence in lengths(text)]
    wrong = [f"{name}: {n} words: {sentence}" for n, sentence, name in counted if n > LONGEST]
    wrong += [f"{name}: {found.words!r}: {found.better}" for name, text in shown.items() for found in wrong_terms(text)]
    assert not wrong, "\n".join(wrong)
    assert len(counted) > 100
    mean = sum(n for n, _, _ in counted) / len(counted)
    assert mean < MEAN, f"{mean:.1f} words a sentence"
