"""The flow of the course from outside: folders, names, hints, results, and a sitting with keys and saves."""

from __future__ import annotations

import ast
import io
import json
import os
import re
import tokenize
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from command import Said, Say
from rich.cells import cell_len

from layerlab.console import Console
from layerlab.course.checker.diagnostic import Diagnostic
from layerlab.course.checker.exercise import Exercise, all_exercises
from layerlab.course.flow import folder as folders
from layerlab.course.flow.folder import Course, open_course
from layerlab.course.flow.handed_out import handed_out, hints, section_of, start_text
from layerlab.course.flow.progress import FILE, read_progress
from layerlab.course.flow.screen import (
    Screen,
    ScreenLine,
    after_success,
    heading,
    hint_lines,
    key_lines,
    list_lines,
    report_lines,
    shown_language,
    solution_lines,
)
from layerlab.course.flow.sitting import HANGUL_KEYS, KEYS, Sitting
from layerlab.course.flow.watching import END, Watched, pressed_keys
from layerlab.course.flow.words import LANGUAGES, WORDS, said
from layerlab.course.flow.wrapping import fitted, wrapped_lines
from layerlab.course.reports import Report
from layerlab.errors import InputError

SRC = Path(__file__).resolve().parents[1] / "src" / "layerlab"

EXERCISES = all_exercises()

FIRST, SECOND = EXERCISES[0], EXERCISES[1]

BACKWARD = "4.05-linear-backward"

HANGUL = re.compile("[가-힣]")

exercises = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.id)
languages = pytest.mark.parametrize("lang", LANGUAGES)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder with its bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def course(say: Say, tmp_path: Path) -> Course:
    """A course in the folder "c", which lies in the working folder."""
    assert say("learn", "new", "c").status == 0
    return open_course(tmp_path / "c")


def of_course(say: Say) -> Callable[..., Said]:
    """Call a command of the course in "c"."""
    return lambda *words: say("learn", "--course", "c", *words)


# ---------------------------------------------------------------------------------------------------- words


def test_a_sentence_has_the_same_holes_in_both_languages() -> None:
    for key, pair in WORDS.items():
        english, korean = (set(re.findall(r"{(\w+)", text)) for text in pair)
        assert english == korean, key


def test_korean_is_korean() -> None:
    """What has no Hangul holds nothing but holes and names; one sentence is for those who cannot see Hangul."""
    for key, (_, korean) in WORDS.items():
        if key != "lang.letters" and not HANGUL.search(korean):
            assert not re.search(r"[A-Za-z]{2,}", re.sub(r"{[^}]*}|UTF-8", "", korean)), key


def test_every_key_that_is_used_has_its_words_and_every_word_is_used() -> None:
    pages = [*(SRC / "course" / "flow").glob("*.py"), *(SRC / "commands").glob("learn*.py")]
    code = "\n".join(path.read_text(encoding="utf-8") for path in pages if path.name != "words.py")
    used = set(re.findall(r"""(?:said|say)\(\s*"([^"]+)\"""", code)) | set(re.findall(r'"([a-z]+\.[a-z-]+)"', code))
    files = {name for name in used if name.endswith((".py", ".md", ".json"))}
    assert used - files <= set(WORDS)
    assert {
        key
        for key in WORDS
        if not key.startswith(("doctor.", "key.", "new.")) and not re.search(f"[\"']{key}[\"']", code)
    } == set()


def test_where_korean_cannot_be_printed_the_words_are_english() -> None:
    assert [shown_language("ko", encoding) for encoding in ("utf-8", "cp949", "ascii", "cp1252")] == [
        "ko",
        "ko",
        "en",
        "en",
    ]
    assert shown_language("en", "ascii") == "en"


def test_letters_that_a_stream_lacks_become_similar_ones() -> None:
    assert fitted("✓ dA_prev = Wᵀ dZ · σ′ … −1", "ascii") == "+ dA_prev = W^T dZ * sigma' ... -1"
    assert fitted("한", "ascii") == "?"
    assert fitted("✓ 한", "cp949") == "+ 한"
    text = "any ✓ text"
    assert fitted(text, "utf-8") is text


def test_lines_are_as_wide_as_the_screen_and_korean_letters_take_two_columns() -> None:
    text = "맞는 값의 1/m입니다 (m = 7, 세 가지 시험 모두)."
    assert all(cell_len(line) <= 20 for line in wrapped_lines(text, 20))
    assert " ".join(wrapped_lines(text, 20)) == text
    assert wrapped_lines("a\n\n    b = c + d", 40) == ["a", "", "    b = c + d"]
    assert wrapped_lines("    b = c + d", 9) == ["    b = c", "    + d"]
    assert wrapped_lines("unbreakable", 5) == ["unbreakable"]
    assert wrapped_lines("of the shape (n_prev, m), as X", 20) == ["of the shape", "(n_prev, m), as X"]


# ---------------------------------------------------------------------------------------------------- start files


def test_docstrings_and_comments_of_a_korean_course_are_korean() -> None:
    for name, text in handed_out(all_exercises(), "ko").items():
        if not name.endswith(".py"):
            continue
        nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.Module)]
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        comments = [token.string for token in tokens if token.type == tokenize.COMMENT]
        for words in [*filter(None, map(ast.get_docstring, nodes)), *comments]:
            assert re.search("[가-힣]", words), f"{name}: {words}"


@languages
@exercises
def test_a_start_file_says_what_to_do_and_can_be_read_by_python(exercise: Exercise, lang: str) -> None:
    text = start_text(exercise, lang)
    tree = ast.parse(text)
    told = ast.get_docstring(tree) or ""
    assert told.startswith(section_of(exercise, lang, "Title"))
    assert f"layerlab learn check {exercise.file}" in told
    assert exercise.function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    todo = said("file.todo", lang, outputs=", ".join(exercise.outputs))
    assert [line.strip() for line in text.splitlines() if "# TODO" in line] == [f"# TODO: {todo}"]
    prose = [line for line in told.splitlines()[1:] if not line.startswith(" ") and "layerlab learn" not in line]
    assert all(cell_len(line) <= 79 for line in prose)
    statement = section_of(exercise, lang, "Statement").replace('"""', "'''")
    assert " ".join(statement.split()) in " ".join(told.split())
    assert len(hints(exercise, lang)) == 3


# ---------------------------------------------------------------------------------------------------- folders


def test_outside_of_a_course_it_is_said_how_to_begin(say: Say) -> None:
    begin = say("learn")
    assert begin.status == 0
    assert begin.out.endswith("\n한국어: layerlab learn new my-course --lang ko\nNext: layerlab learn new my-course\n")
    assert f"{len(EXERCISES)} exercises" in begin.words
    korean = say("learn", "--lang", "ko")
    assert korean.out.endswith("\n다음: layerlab learn new my-course --lang ko\n")
    for words in (["hint"], ["check"], ["check", "4.05"], ["solution"], ["reset", "4.05"], ["export-results"]):
        refused = say("learn", *words)
        assert refused.status == 2
        assert "make one with `layerlab learn new my-course`" in refused.err
    assert say("learn", "list", "--lang", "xx").err == "layerlab: --lang 'xx': wanted en (English) or ko (Korean)\n"


def test_a_new_course_has_everything_and_is_found_from_within(
    say: Say, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = set(contents(course.folder))
    assert {exercise.file for exercise in EXERCISES} < files
    assert {f"{Path(exercise.file).parent}/given.py" for exercise in EXERCISES} < files
    assert {"README.md", "progress.json", ".gitignore"} < files
    assert "Every exercise fails at first: that is meant." in (course.folder / "README.md").read_text("utf-8")
    assert say("learn").out.endswith("Your course is in c.\nNext: layerlab learn --course c\n")
    monkeypatch.chdir(course.path(FIRST).parent)
    listed = say("learn", "list", "--json", "-")
    assert listed.status == 0
    facts = json.loads(listed.out)["exercises"]
    assert [(one["id"], one["file"], one["done"]) for one in facts] == [(e.id, e.file, False) for e in EXERCISES]
    assert {"id", "chapter", "function", "file", "done"} <= set(facts[0])


@pytest.mark.parametrize("place", ["full", "full/file.txt", "full/file.txt/below", "c/inner", "c/1-numpy"])
def test_other_folders_are_refused_and_nothing_is_touched(say: Say, course: Course, tmp_path: Path, place: str) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file.txt").write_text("mine")
    before = contents(tmp_path)
    refused = say("learn", "new", place)
    assert refused.status == 2
    assert refused.err.startswith(f"layerlab: {place.removesuffix('/below')}: ")
    assert contents(tmp_path) == before


def test_an_empty_folder_and_one_of_git_are_taken(say: Say, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "cloned" / ".git").mkdir(parents=True)
    for name in ("empty", "cloned", "deep/in/new/folders"):
        assert say("learn", "new", name).status == 0
        assert (tmp_path / name / "progress.json").exists()


def test_an_update_leaves_what_was_edited_byte_for_byte(say: Say, course: Course) -> None:
    edited, gone = course.path(FIRST), course.path(SECOND)
    edited.write_bytes(b"mine \r\n \xff")
    gone.unlink()
    same = say("learn", "new", "c", "--json", "-")
    assert json.loads(same.out)["update"] == {"added": [SECOND.file], "replaced": [], "kept": []}
    assert not edited.with_name(edited.name + ".new").exists()  # its text is the one that was handed out
    changed = say("learn", "new", "c", "--lang", "ko", "--json", "-")
    update = json.loads(changed.out)["update"]
    assert update["kept"] == [FIRST.file]
    assert SECOND.file in update["replaced"]
    assert edited.read_bytes() == b"mine \r\n \xff"
    assert edited.with_name(edited.name + ".new").read_text("utf-8") == start_text(FIRST, "ko")
    assert gone.read_text("utf-8") == start_text(SECOND, "ko")
    again = say("learn", "new", "c")
    assert again.out.startswith("c: 이미 강의 폴더이고 최신입니다.")
    assert edited.read_bytes() == b"mine \r\n \xff"


def test_a_new_text_beside_a_file_never_replaces_another_text(say: Say, course: Course) -> None:
    path = course.path(FIRST)
    path.write_text("mine")
    beside = path.with_name(path.name + ".new")
    beside.write_text("mine, too")
    say("learn", "new", "c", "--lang", "ko")
    assert beside.read_text("utf-8") == start_text(FIRST, "ko")
    assert [copy.read_text() for copy in (course.folder / ".backup").rglob("*.new")] == ["mine, too"]


def test_line_ends_of_windows_are_no_edit(say: Say, course: Course) -> None:
    path = course.path(FIRST)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert course.is_untouched(FIRST)
    say("learn", "new", "c", "--lang", "ko")
    assert path.read_text("utf-8") == start_text(FIRST, "ko")


def test_an_interrupted_beginning_is_completed(say: Say, course: Course) -> None:
    progress = json.loads((course.folder / FILE).read_text("utf-8"))
    (course.folder / FILE).write_text(json.dumps(progress | {"files": {}}), "utf-8")
    course.path(SECOND).unlink()
    assert say("learn", "new", "c").status == 0
    assert read_progress(course.folder).files == course.progress.files
    assert course.path(SECOND).exists()


def test_reset_keeps_what_was_written_every_time(say: Say, course: Course) -> None:
    run, path = of_course(say), course.path(FIRST)
    assert "nothing to keep" in run("reset", FIRST.id).words
    run("list", "--lang", "ko")
    assert json.loads(run("reset", FIRST.id, "--json", "-").out)["backup"] is None  # the same in another language
    run("list", "--lang", "en")
    for text in ("first", "second"):
        path.write_text(text)
        course.remember(lambda progress: progress.done.update({FIRST.id: "2026-01-01"}))
        assert run("reset", FIRST.id).status == 0
        assert path.read_text("utf-8") == start_text(FIRST, "en")
        assert FIRST.id not in read_progress(course.folder).done
    kept = sorted((course.folder / ".backup").rglob("*.py"))
    assert sorted(copy.read_text() for copy in kept) == ["first", "second"]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d(-2)?", copy.parents[1].name) for copy in kept)


# ---------------------------------------------------------------------------------------------------- progress


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"format_version": 1, "course": "0.1.0", <<<<<<< HEAD\n', "Git has left both sides of a conflict in it"),
        ("", "is damaged"),
        ("[]", "is damaged (there is no format_version)"),
        ('{"format_version": 1, "course": ', "is damaged"),
        ('{"format_version": 1, "course": 3}', "course is 3"),
        ('{"format_version": 1, "course": "0.1.0", "done": ["4.05"]}', "done is"),
        ('{"format_version": 1, "course": "0.1.0", "lang": "xx"}', "lang is 'xx'"),
        ('{"format_version": 2, "course": "9.0"}', "newer layerlab"),
    ],
)
def test_a_damaged_progress_is_said_and_left_alone(say: Say, course: Course, text: str, why: str) -> None:
    path = course.folder / FILE
    path.write_text(text, "utf-8")
    for words in (["list"], ["hint"], ["reset", FIRST.id]):
        refused = of_course(say)(*words)
        assert (refused.status, why in refused.err) == (2, True), refused.err
    assert say("learn", "new", "c").status == 2
    assert path.read_text("utf-8") == text


def test_a_progress_that_an_editor_gave_a_mark_of_its_encoding_is_read(course: Course) -> None:
    path = course.folder / FILE
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read_progress(course.folder).lang == "en"


def test_what_another_process_saved_meanwhile_is_kept(course: Course) -> None:
    other = open_course(course.folder)
    other.mark_done(FIRST)
    course.remember(lambda progress: progress.hints.update({SECOND.id: 2}))
    found = read_progress(course.folder)
    assert (set(found.done), found.hints) == ({FIRST.id}, {SECOND.id: 2})


def test_a_full_disk_leaves_the_progress_as_it_was(say: Say, course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (course.folder / FILE).read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    failed = of_course(say)("hint", FIRST.id)
    assert failed.status == 1
    assert "cannot be written (No space left on device); what was done now is not remembered" in failed.err
    assert (course.folder / FILE).read_bytes() == before
    assert not list(course.folder.glob(".progress-*"))


# ---------------------------------------------------------------------------------------------------- names


@pytest.mark.parametrize(
    "name",
    [
        BACKWARD,
        "4.05",
        "4.5",
        "linear_backward",
        "linear-backward",
        "05_linear_backward",
        "4-layers/05_linear_backward.py",
    ],
)
def test_an_exercise_has_several_names(say: Say, course: Course, name: str) -> None:
    assert json.loads(of_course(say)("hint", name, "--json", "-").out)["exercise"] == BACKWARD


def test_a_name_of_several_exercises_asks_which(say: Say, course: Course) -> None:
    refused = of_course(say)("hint", "update_parameters")
    assert refused.status == 2
    assert "there are several (3.06-update-parameters, 4.10-update-parameters); name one by its number" in refused.err
    assert "is no exercise" in of_course(say)("hint", "nothing").err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["gone.py"], "gone.py: there is no such file"),
        (["gone.py", "--exercise", "4.05"], "gone.py: there is no such file"),
        (["folder", "--exercise", "4.05"], "folder: is no file"),
        (["latin.py"], "latin.py: is no text in UTF-8"),
        (["large.py"], "large.py: has 1.2 MB"),
        (["other.py"], "other.py: defines no function of an exercise"),
        (["both.py"], "both.py: could answer several exercises"),
        (["broken.py"], "broken.py: defines no function of an exercise"),
        (["mine.py", "--exercise", "9.99"], "9.99: is no exercise"),
        (["mine.py", "--all"], "--all checks every exercise of the course"),
        (["--all", "--exercise", "4.05"], "--all checks every exercise of the course"),
        (["nothing"], "nothing: is no exercise"),
    ],
)
def test_a_wrong_request_to_check_has_status_two(say: Say, tmp_path: Path, words: list[str], sentence: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "latin.py").write_bytes("# é".encode("latin-1"))
    (tmp_path / "large.py").write_text("#" * 1_200_000)
    (tmp_path / "other.py").write_text("def other(): pass")
    (tmp_path / "both.py").write_text("def sigmoid(x): pass\ndef linear_backward(dZ, cache): pass")
    (tmp_path / "broken.py").write_text("def sigmoid(x:\n")
    (tmp_path / "mine.py").write_text("def sigmoid(x): pass")
    refused = say("learn", "check", *words)
    assert (refused.status, refused.out) == (2, "")
    assert refused.err.startswith(f"layerlab: {sentence}")


# ---------------------------------------------------------------------------------------------------- showing


def test_hints_come_one_by_one_and_are_remembered(say: Say, course: Course) -> None:
    texts = hints(FIRST, "en")
    for step in (1, 2, 3, 3):
        facts = json.loads(of_course(say)("hint", FIRST.id, "--json", "-").out)
        assert facts == {"exercise": FIRST.id, "hints": texts[:step], "of": 3}
    shown = of_course(say)("hint", FIRST.id)
    assert "That was the last hint." in shown.out
    assert read_progress(course.folder).hints == {FIRST.id: 3}


def test_the_language_is_remembered(say: Say, course: Course) -> None:
    run = of_course(say)
    assert "Hint 1 of 3" in run("hint", FIRST.id).out
    assert "힌트 2/3" in run("hint", FIRST.id, "--lang", "ko").out
    assert "힌트 3/3" in run("hint", FIRST.id).out
    assert "Hint 3 of 3" in say("learn", "--course", "c", "--lang", "en", "hint", FIRST.id).out
    assert read_progress(course.folder).lang == "en"


def test_a_solution_is_shown_after_success_or_on_demand(say: Say, course: Course) -> None:
    run = of_course(say)
    refused = run("solution", BACKWARD)
    assert refused.status == 2
    assert "is shown once yours is right" in refused.err
    assert run("solution", BACKWARD, "--show-anyway").status == 0
    course.remember(lambda progress: progress.done.update({BACKWARD: "2026-01-01"}))
    shown = run("solution", BACKWARD)
    exercise = next(one for one in EXERCISES if one.id == BACKWARD)
    assert all(line.strip() in shown.out for line in exercise.solution.splitlines())
    assert "Why" in shown.out
    assert say("learn", "solution", "4.05", "--show-anyway").status == 0


def test_results_are_exported(say: Say, course: Course, tmp_path: Path) -> None:
    course.remember(lambda progress: progress.done.update({FIRST.id: "2026-01-01"}))
    run = of_course(say)
    run("hint", SECOND.id)
    assert run("export-results", "--out", "r.csv", "--json", "r.json").status == 0
    rows = (tmp_path / "r.csv").read_text("utf-8").splitlines()
    assert rows[:3] == [
        "id,chapter,function,done,hints",
        f"{FIRST.id},1,{FIRST.function},2026-01-01,0",
        f"{SECOND.id},1,{SECOND.function},,1",
    ]
    assert len(rows) == len(EXERCISES) + 1
    facts = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert facts["exercises"][0]["done"] == "2026-01-01"
    assert run("export-results", "--out", "r.csv").status == 2  # it is there already
    assert run("export-results", "--out", "-").out.splitlines() == rows
    assert run("export-results", "--out", "-", "--json", "-").status == 2


def report_of(exercise: Exercise, passed: bool) -> Report:
    """A report with a finding that has words of its own."""
    found = Diagnostic("value", "dW", "ratio m", 5, details={"m": 7})
    return Report(exercise.id, passed, (), () if passed else (found, found), "printed\n" * 30, 0.1, exercise.folder)


@languages
@pytest.mark.parametrize("width", [50, 80])
def test_no_line_of_a_screen_is_wider_than_the_terminal(course: Course, lang: str, width: int) -> None:
    course.remember(lambda progress: progress.done.update({FIRST.id: "2026-01-01"}))
    screens = [key_lines(KEYS, lang, width), list_lines(course, EXERCISES, lang, width)]
    for exercise in EXERCISES:
        record = report_of(exercise, passed=False).record(lang)
        screens += [
            heading(course, exercise, lang, width)[:2],  # the third line is a path
            hint_lines(exercise, lang, width, 3),
            [line for line in after_success(exercise, lang, width) if "docs/learn" not in line.text],
            list_lines(course, EXERCISES, lang, width, exercise),
            [line for line in report_lines(record, exercise, lang, width, "f.py") if "f.py" not in line.text],
        ]
    wide = [line.text for lines in screens for line in lines if cell_len(line.text) > width]
    assert not [text for text in wide if len(text.split()) > 1], wide
    assert all(cell_len(line) <= 90 for line in EXERCISES[0].solution.splitlines())
    assert solution_lines(FIRST, lang, width, room=0)[-1].text.strip() != ""


# ---------------------------------------------------------------------------------------------------- watching


def test_a_save_is_noticed_once_when_it_rests(tmp_path: Path) -> None:
    path = tmp_path / "f.py"
    path.write_text("a")
    watched = Watched(path)
    assert not watched.was_saved()
    path.write_text("ab")
    assert [watched.was_saved() for _ in range(3)] == [False, True, False]
    path.write_text("abc")
    assert not watched.was_saved()
    path.write_text("abcd")  # an editor that writes twice
    assert [watched.was_saved() for _ in range(3)] == [False, True, False]
    path.unlink()
    assert [watched.was_saved() for _ in range(2)] == [False, False]
    path.write_text("new")  # an editor that writes a new file in its place
    assert [watched.was_saved() for _ in range(3)] == [False, True, False]


def test_an_input_that_is_no_terminal_gives_the_first_letter_of_each_line(monkeypatch: pytest.MonkeyPatch) -> None:
    read, write = os.pipe()
    with os.fdopen(read) as stream, os.fdopen(write, "w") as typed:
        monkeypatch.setattr("sys.stdin", stream)
        typed.write("hint\n\nq\n")
        typed.close()
        with pressed_keys() as keys:
            assert [keys(5.0) for _ in range(4)] == ["h", "", "q", END]


class FakeChecker:
    """Says right of a text that holds the word right."""

    def check(self, exercise: Exercise, source: str, verdict: Callable[[bool], None] | None = None) -> Report:
        if verdict is not None:
            verdict("right" in source)
        return report_of(exercise, "right" in source)


class Typing:
    """A learner who presses keys and saves files in a given order, and a screen that keeps what it shows."""

    def __init__(self, course: Course, lang: str = "en", auto: bool = False) -> None:
        self.shown: list[str] = []
        self.screen = Screen(Console(width=80), plain=True)
        self.screen.add = self.keep  # type: ignore[method-assign]
        self.course = course
        self.sitting = Sitting(course, lang, self.screen, FakeChecker(), auto=auto)

    def keep(self, lines: object) -> None:
        self.shown.append("\n".join(line.text for line in lines))  # type: ignore[attr-defined]

    def does(self, *steps: str | tuple[Exercise, str]) -> list[str]:
        """Press keys and save texts, one after the other, and return what was shown after each."""
        pending: list[str | tuple[Exercise, str] | None] = []
        for step in steps:  # a save is seen by the second look
            pending += [step] if isinstance(step, str) else [step, None, None]
        pending.append(END)
        times = count(1)

        def keys(_: float) -> str | None:
            step = pending.pop(0)
            if isinstance(step, tuple):
                exercise, text = step
                self.course.path(exercise).write_text(text + " " * next(times), "utf-8")
                return None
            return step

        before = len(self.shown)
        self.sitting.work(keys)
        return self.shown[before:]


def test_a_sitting_from_a_mistake_to_the_next_exercise(course: Course) -> None:
    learner = Typing(course)
    shown = learner.does((FIRST, "wrong"), "s", "h", (FIRST, "right"), "s", "n", "p", "p", "n")
    begun, failed, refused, hint, passed, solution, second, back, edge, forth = shown
    assert "Not begun. It fails at first: that is meant." in begun
    assert f"✗ {FIRST.function} is not right yet." in failed
    assert f"{FIRST.file}:5" in failed.replace(os.sep, "/")
    assert failed.count("  printed") == 10  # not all thirty
    assert "The solution is shown once yours is right." in refused
    assert hints(FIRST, "en")[0].split()[0] in hint
    assert f"✓ {FIRST.function} is right." in passed
    assert "Type n for the next exercise" in passed
    assert f"0/{len(EXERCISES)}" in failed
    assert f"1/{len(EXERCISES)}" in passed
    assert "return" in solution
    assert f"1.02 {SECOND.function}" in second
    assert f"✓ {FIRST.function} is right." in back  # it is checked when it is opened again
    assert "This is the first exercise." in edge
    assert f"1.02 {SECOND.function}" in forth
    found = read_progress(course.folder)
    assert (list(found.done), found.at, found.hints) == ([FIRST.id], SECOND.id, {FIRST.id: 1})


def test_success_does_not_go_on_by_itself_unless_asked(course: Course) -> None:
    learner = Typing(course)
    learner.does((FIRST, "right"))
    assert learner.sitting.exercise.id == FIRST.id
    shown = Typing(course, auto=True).does((SECOND, "right"))
    assert f"✓ {SECOND.function} is right." in shown[-1]
    assert f"1.03 {EXERCISES[2].function}" in shown[-1]


def test_a_sitting_goes_on_where_it_was_left(course: Course) -> None:
    Typing(course).does("n", "n")
    assert open_course(course.folder).current() is not EXERCISES[0]
    assert open_course(course.folder).current().id == EXERCISES[2].id
    for exercise in EXERCISES[2:]:
        course.mark_done(exercise)
    assert open_course(course.folder).current().id == FIRST.id  # round to what was left out


def test_a_sitting_can_begin_anywhere_even_with_what_is_done(course: Course) -> None:
    course.mark_done(SECOND)
    learner = Typing(course)
    learner.sitting = Sitting(course, "en", learner.screen, FakeChecker(), SECOND)
    assert f"1.02 {SECOND.function}" in learner.does()[0]
    assert read_progress(course.folder).at == SECOND.id


def test_keys_of_a_korean_keyboard_and_unknown_keys(course: Course) -> None:
    shown = Typing(course, "ko").does("ㅗ", "?", "N")
    assert len(shown) == 4
    assert "힌트 1/3" in shown[1]
    assert "?: 여기에서 쓰는 키가 아닙니다" in shown[2]
    assert f"1.02 {SECOND.function}" in shown[3]
    assert HANGUL_KEYS["ㅂ"] == "q"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("9.99", "9.99: is no exercise; `layerlab learn list` shows their names"),
        ("sigmod", "no exercise is called sigmod; did you mean 1.01-sigmoid?"),
        ("05_propagat.py", "05_propagat.py: there is no such file"),
    ],
)
def test_a_name_that_nothing_has_is_said_to_be_one(say: Say, course: Course, name: str, words: str) -> None:
    refused = of_course(say)("check", name)
    assert refused.status == 2
    assert words in refused.words


def test_a_file_that_is_gone_or_no_text_is_said_in_the_sitting(course: Course) -> None:
    learner = Typing(course)
    course.path(FIRST).unlink()
    assert f"`layerlab learn reset {FIRST.id}` hands it out again" in " ".join(learner.does("r")[-1].split())
    course.path(FIRST).write_bytes(b"\xff")
    assert "is no text in UTF-8" in learner.does("r")[-1]


def test_all_done(course: Course) -> None:
    for exercise in EXERCISES:
        course.mark_done(exercise)
    learner = Typing(course)
    assert "All exercises are done." in learner.does("n")[-1]
    course.path(learner.sitting.exercise).write_text("right")
    assert "All exercises are done." in learner.does("r")[-1]


def test_what_does_not_fit_the_terminal_is_left_out_as_a_whole(course: Course) -> None:
    whole = after_success(FIRST, "en", 80)
    why = next(k for k, line in enumerate(whole) if line.text == "Try")
    assert after_success(FIRST, "en", 80, room=0) == []
    first = after_success(FIRST, "en", 80, room=why)
    assert first[: why - 1] == whole[: why - 1]
    assert ScreenLine("Try", "bold") not in first


def test_an_editor_opens_each_exercise(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr("subprocess.Popen", lambda words, **_: started.append(words))
    learner = Typing(course)
    learner.sitting.edit = "my-editor --wait"
    learner.does("n")
    assert started == [["my-editor", "--wait", str(course.path(one))] for one in (FIRST, SECOND)]

    def missing(*_: object, **__: object) -> None:
        raise FileNotFoundError(2, "No such file")

    monkeypatch.setattr("subprocess.Popen", missing)
    assert "--edit-cmd my-editor --wait: cannot be started" in learner.does("n")[-1]


def test_nothing_but_lines_goes_where_nobody_redraws(capsys: pytest.CaptureFixture[str]) -> None:
    for plain, term in ((True, "xterm"), (False, "dumb")):
        with environment(TERM=term):
            screen = Screen(Console(force_terminal=True, width=80, color_system=None), plain)
            screen.show([ScreenLine("✓ a line", "bold")])
    assert "\x1b" not in capsys.readouterr().out


@contextmanager
def environment(**values: str) -> Iterator[None]:
    """Variables of the environment for a while."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in values.items():
            patch.setenv(name, value)
        yield


def test_folders_that_are_found(tmp_path: Path, course: Course) -> None:
    assert folders.find_course(course.path(FIRST)) == course.folder
    assert folders.find_course(tmp_path) is None
    (tmp_path / "progress.json").write_text('{"of": "another program"}')
    assert folders.find_course(tmp_path) is None
    with pytest.raises(InputError, match="holds files and is no course"):
        folders.make_course(tmp_path, "en")
