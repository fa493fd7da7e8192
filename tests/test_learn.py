"""The way through the notes' five chapters, docs/learn: questions, both languages, links and pictures.

That the blocks run, and print what the pages show, is tested where pages run: pytest docs/learn.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from learn_pages import BLOCK, FOLDER, blocks_of, chapters, run_python, same_text

ROOT = FOLDER.parents[1]

EXAMPLES = {
    "1-numpy-basics": 6,
    "2-logistic-regression": 8,
    "3-one-hidden-layer": 13,
    "4-deep-network": 8,
    "5-cats": 9,
}
"""Python blocks of each chapter."""

QUESTIONS = {
    "learning-rate": "2-logistic-regression",
    "iteration": "3-one-hidden-layer",
    "one-example": "3-one-hidden-layer",
    "zeros": "3-one-hidden-layer",
    "units": "3-one-hidden-layer",
    "signal": "4-deep-network",
    "gradient": "4-deep-network",
    "photo": "5-cats",
    "accuracy": "5-cats",
}
"""The nine questions of learners, and the chapter that answers each."""

HEADINGS = {
    "": (
        *("What it is about", "The formula", "Five lines", "The picture", "What goes wrong, and how it looks"),
        *("One thing to try", "Words"),
    ),
    "ko": (
        *("무엇을 다루나요?", "수식", "다섯 줄로 실행하기", "그림", "어떤 문제가 생기고, 어떻게 알아보나요?"),
        *("직접 해 보기", "용어"),
    ),
}
"""Headings of every chapter, in this order; questions stand between them."""

MOST_LINES, MOST_BYTES = 5, 60_000
"""Lines of an answer that are not blank, and bytes of a picture."""

PAGES = [*sorted(FOLDER.glob("*.md")), *sorted(FOLDER.glob("ko/*.md"))]


def name_of(page: Path) -> str:
    return str(page.relative_to(FOLDER).with_suffix(""))


def headings_of(page: Path) -> list[str]:
    """The headings of a page, in order, without their signs."""
    return re.findall(r"^#+ (.*)$", re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.S), re.M)


def anchor(heading: str) -> str:
    """The name by which a link reaches a heading, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower().replace("`", "")).replace(" ", "-")


def test_a_page_that_shows_numbers_is_compared_with_what_is_printed() -> None:
    assert same_text("cost 0.693\n…\n dW1  -0.012\n", "cost 0.692\nanything\nmore\ndW1 -0.011")
    assert same_text("1.0e-07 at 4 of 10", "1.1e-07 at 4 of 10")
    assert same_text("[ 0.  1. -0.]", "[0. 1. 0.]")
    assert not same_text("cost 0.693", "cost 0.696")
    assert not same_text("cost 0.693", "loss 0.693")
    assert not same_text("cost 0.693", "cost 0.693\nmore")
    assert not same_text("cost 0.693\n…", "more\ncost 0.693")


def test_every_chapter_has_its_examples() -> None:
    assert {page.stem: sum(block.language == "python" for block in blocks_of(page)) for page in chapters()} == EXAMPLES


def test_both_languages_have_the_same_pages() -> None:
    assert [name.name for name in chapters("ko")] == [name.name for name in chapters()]
    assert (FOLDER / "ko" / "README.md").exists()


@pytest.mark.parametrize("page", [*chapters(), FOLDER / "README.md"], ids=name_of)
def test_both_languages_have_the_same_blocks(page: Path) -> None:
    assert blocks_of(FOLDER / "ko" / page.name) == blocks_of(page)
    assert all(block.language in ("python", "console", "text") for block in blocks_of(page))


@pytest.mark.parametrize("page", [*chapters(), *chapters("ko")], ids=name_of)
def test_every_chapter_has_its_headings(page: Path) -> None:
    wanted = HEADINGS["ko" if page.parent.name == "ko" else ""]
    assert tuple(heading for heading in headings_of(page) if heading in wanted) == wanted


@pytest.mark.parametrize("language", ["", "ko"])
def test_each_question_is_answered_once(language: str) -> None:
    found = [(block.question, page.stem) for page in chapters(language) for block in blocks_of(page) if block.question]
    assert sorted(found) == sorted(QUESTIONS.items())


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_is_answered_by_at_most_five_lines_alone(
    question: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    [source] = [block.source for block in blocks_of(FOLDER / f"{QUESTIONS[question]}.md") if block.question == question]
    assert sum(bool(line.strip()) for line in source.splitlines()) <= MOST_LINES
    said = run_python(source, {"__name__": "__main__"})
    assert said.strip() or any(tmp_path.rglob("*.png"))


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_blocks_below_a_question_run_without_those_above_it_and_twice(
    question: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = (FOLDER / f"{QUESTIONS[question]}.md").read_text(encoding="utf-8")
    below = re.split(r"^## ", text.partition(f"<!-- question: {question} -->")[2], maxsplit=1, flags=re.M)[0]
    sources = [block["source"] for block in BLOCK.finditer(below) if block["language"] == "python"]
    for _ in range(1 + any(".save(" in source for source in sources)):
        namespace = {"__name__": "__main__"}
        for source in sources:
            run_python(source, namespace)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", page.read_text(encoding="utf-8")):
        path, _, place = target.partition("#")
        other = page.parent / path if path else page
        assert other.exists(), target
        assert not place or place in map(anchor, headings_of(other)), target


@pytest.mark.parametrize("page", [FOLDER / "README.md", FOLDER / "ko" / "README.md"], ids=name_of)
def test_the_index_leads_to_every_chapter_and_question(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for chapter in chapters():
        assert f"({chapter.name})" in text
    links = re.findall(r"\]\((\d-[\w-]+\.md#[^)]+)\)", text)
    assert sorted({link.split(".md")[0] for link in links}) == sorted(set(QUESTIONS.values()))
    assert len(set(links)) >= len(QUESTIONS)


def pictures_of(page: Path) -> list[str]:
    """The pictures that a page shows, as paths from it."""
    return re.findall(r"!\[[^\]]+\]\(([^)]+)\)", page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", chapters(), ids=name_of)
def test_every_picture_is_drawn_by_the_page_small_and_shown_in_both_languages(page: Path) -> None:
    code = "".join(block.source for block in blocks_of(page))
    shown = pictures_of(page)
    assert shown
    assert pictures_of(FOLDER / "ko" / page.name) == [f"../{picture}" for picture in shown]
    for picture in shown:
        assert f'"pictures", "{Path(picture).stem}"' in code, picture
        assert Path(picture).stem.startswith(page.stem[0]), picture
        assert (FOLDER / picture).stat().st_size < MOST_BYTES, picture


def test_every_picture_is_shown() -> None:
    shown = {Path(picture).name for page in chapters() for picture in pictures_of(page)}
    assert {path.name for path in (FOLDER / "pictures").iterdir()} == shown


def test_readme_leads_learners_here() -> None:
    assert "](docs/learn/README.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
