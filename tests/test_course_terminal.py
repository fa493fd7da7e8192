"""The course as a person meets it: in terminals of 80 and 50 columns, in a pipe, with ASCII alone, and killed."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from rich.cells import cell_len

from layerlab.course.checker.exercise import Exercise, all_exercises
from layerlab.course.flow.folder import make_course, open_course
from layerlab.course.flow.progress import FILE, read_progress

pytestmark = [pytest.mark.processes, pytest.mark.skipif(os.name == "nt", reason="terminals of Unix")]

PATIENCE = 60.0
"""Seconds after which a screen that does not come fails a test; a busy machine is no failure."""

FIRST, SECOND, THIRD = all_exercises()[:3]

CODES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


WITH_CTRL_C = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
"""Makes the terminal that of the process, so that Ctrl-C is a signal, and runs Python there. A function that is called
after a fork would do the same, but not in a process that has started jax."""


class Terminal:
    """`layerlab learn` in a terminal of its own, and what it has printed since the last answer."""

    def __init__(self, folder: Path, *words: str, columns: int = 80, rows: int = 30, **variables: str) -> None:
        import fcntl
        import pty
        import struct
        import termios

        self.number, inner = pty.openpty()
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.before = termios.tcgetattr(inner)
        kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}
        self.process = subprocess.Popen(  # noqa: S603 our own program
            [sys.executable, "-c", WITH_CTRL_C, "-m", "layerlab", "learn", *words],
            cwd=folder,
            stdin=inner,
            stdout=inner,
            stderr=inner,
            env={**kept, "TERM": "xterm", "PYTHONUTF8": "1", **variables},
            start_new_session=True,
        )
        self.inner, self.text, self.columns = inner, "", columns

    def shows(self, *pieces: str) -> str:
        """Wait until all pieces have been printed since the last call, and return the printed text."""
        end = time.monotonic() + PATIENCE
        while not all(piece in " ".join(self.plain().split()) for piece in pieces):
            assert time.monotonic() < end, f"{pieces} did not come:\n{self.plain()}"
            if select.select([self.number], [], [], 0.1)[0]:
                self.text += os.read(self.number, 65536).decode("utf-8", errors="replace")
        found, self.text = self.plain(), ""
        return found

    def plain(self) -> str:
        """What has been printed, without colours."""
        return CODES.sub("", self.text).replace("\r", "")

    def press(self, keys: str) -> None:
        """Type keys."""
        os.write(self.number, keys.encode())

    def ends(self) -> int:
        """Wait for the end, and return the exit status."""
        return self.process.wait(PATIENCE)

    def close(self) -> None:
        """End what still runs."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        os.close(self.inner)
        os.close(self.number)


@contextmanager
def terminal(folder: Path, *words: str, columns: int = 80, rows: int = 30, **variables: str) -> Iterator[Terminal]:
    opened = Terminal(folder, *words, columns=columns, rows=rows, **variables)
    try:
        yield opened
    finally:
        opened.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_course(tmp_path / "c", "en").folder


def write(folder: Path, exercise: Exercise, body: str) -> None:
    """Save a function with a body as an editor does: a new file is renamed into its place."""
    path = folder / exercise.file
    text = re.sub(r"^( +)# TODO.*(\n +pass)?$", rf"\1{body}", path.read_text("utf-8"), count=1, flags=re.MULTILINE)
    aside = path.with_suffix(".tmp")
    aside.write_text(text, "utf-8")
    aside.replace(path)


def test_a_learner_with_mistakes_on_the_way(folder: Path) -> None:
    with terminal(folder) as screen:
        screen.shows("Not begun. It fails at first: that is meant.", f"0/{len(all_exercises())}", "n next")
        write(folder, FIRST, "return 1 / (1 + np.exp(-x)")
        screen.shows(f"✗ {FIRST.function} is not right yet.", "Python cannot read this", "Checked at")
        (folder / FIRST.file).write_bytes(b"\xff\xfe")
        screen.shows("is no text in UTF-8")
        (folder / FIRST.file).unlink()
        screen.press("r")
        screen.shows("hands it out again")
        subprocess.run(  # noqa: S603 in another terminal
            [sys.executable, "-m", "layerlab", "learn", "reset", FIRST.id], cwd=folder, check=True, capture_output=True
        )
        screen.shows("as it was handed out")
        write(folder, FIRST, "return 1 / (1 + np.exp(x))")
        screen.shows(f"✗ {FIRST.function} is not right yet.", "Checked at")
        screen.press("s")
        screen.shows("The solution is shown once yours is right.")
        screen.press("\x1b[A")  # an arrow means nothing
        screen.press("h")
        screen.shows("Hint 1 of 3")
        (folder / FIRST.file).write_text(FIRST.solution, "utf-8")
        screen.shows(f"✓ {FIRST.function} is right.", "Type n for the next exercise", f"1/{len(all_exercises())}")
        screen.press("s")
        screen.shows("A solution of 1.01-sigmoid; others are as good.")
        screen.press("l")
        screen.shows(f"✓ 1.01 {FIRST.function}", f"· 1.02 {SECOND.function}", "Chapter 4")
        screen.press("nn")
        screen.shows(f"1.02 {SECOND.function}", f"1.03 {THIRD.function}")
        screen.press("q")
        screen.shows(f"1 of {len(all_exercises())} done.", "Next: layerlab learn")
        assert screen.ends() == 0
    assert read_progress(folder).at == THIRD.id


def test_the_terminal_is_as_it_was_and_no_process_is_left(folder: Path) -> None:
    import termios

    for end in (b"q", b"\x03", None):
        with terminal(folder) as screen:
            screen.shows("n next")
            assert not termios.tcgetattr(screen.inner)[3] & termios.ICANON  # single keys
            child = children_of(screen.process.pid)
            assert len(child) == 1  # the one that waits for the next check
            if end is None:
                screen.process.send_signal(signal.SIGTERM)
            else:
                os.write(screen.number, end)
            assert screen.ends() == 0
            assert termios.tcgetattr(screen.inner) == screen.before
            assert not [number for number in child if Path(f"/proc/{number}").exists()]


def children_of(number: int) -> list[int]:
    """The processes that a process has started."""
    found = subprocess.run(  # noqa: S603
        ["ps", "-o", "pid=", "--ppid", str(number)],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    return list(map(int, found.stdout.split()))


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("columns", [50, 80])
def test_every_line_fits_the_terminal(folder: Path, columns: int, lang: str) -> None:
    with terminal(folder, "--lang", lang, columns=columns, rows=24) as screen:
        texts = [screen.shows("q 끝내기" if lang == "ko" else "q leave")]
        for key, piece in (("h", "1"), ("l", "4")):
            screen.press(key)
            texts.append(screen.shows(piece, "q 끝내기" if lang == "ko" else "q leave"))
        (folder / FIRST.file).write_text(FIRST.solution, "utf-8")
        texts.append(screen.shows("✓", "q 끝내기" if lang == "ko" else "q leave"))
    lines = [line for text in texts for line in text.splitlines()]
    assert not [line for line in lines if cell_len(line) > columns and len(line.split()) > 1]
    assert max(len(text.splitlines()) for text in texts) <= 24


def test_a_plain_terminal_only_gets_lines(folder: Path) -> None:
    for words, term in ((["--plain"], "xterm"), ([], "dumb")):
        with terminal(folder, *words, TERM=term) as screen:
            screen.shows("n next")
            screen.press("h")
            screen.shows("Hint")
            screen.press("q")
            screen.shows("Next: layerlab learn")
            assert "\x1b[2J" not in screen.text
            assert "\x1b[H" not in screen.text


def learn(folder: Path, *words: str, said: str = "", **variables: str) -> subprocess.CompletedProcess[bytes]:
    """Call the command with pipes in place of a terminal."""
    return subprocess.run(  # noqa: S603
        [sys.executable, "-m", "layerlab", "learn", *words],
        cwd=folder,
        input=said.encode(),
        capture_output=True,
        timeout=PATIENCE,
        check=False,
        env={**os.environ, "COLUMNS": "80", **variables},
    )


def test_in_a_pipe_it_reads_lines_and_ends_with_them(folder: Path) -> None:
    done = learn(folder, said="h\nl\n")
    text = done.stdout.decode()
    assert (done.returncode, done.stderr) == (0, b"")
    assert "\x1b" not in text
    assert re.search(r"Not begun.*Hint 1 of 3.*Chapter 1.*Next: layerlab learn\n$", text, re.DOTALL)


def test_ascii_is_enough_and_korean_becomes_english_there(folder: Path) -> None:
    (folder / FIRST.file).write_text(FIRST.solution, "utf-8")
    for words in (["list"], ["check", "1.01"], ["solution", "1.01"], ["doctor"], ["check", "1.02"], []):
        done = learn(folder, *words, PYTHONIOENCODING="ascii")
        assert done.stdout.isascii()
        assert b"?" not in done.stdout.replace(b"?\n", b"").replace(b"? ", b""), done.stdout
    shown = learn(folder, "list", "--lang", "ko", PYTHONIOENCODING="ascii").stdout.decode()
    assert shown.startswith("This terminal cannot show Korean (its encoding is ascii)")
    assert "Chapter 1" in shown
    assert "1장" in learn(folder, "list", PYTHONIOENCODING="utf-8").stdout.decode()


SAVING = """
import sys
from pathlib import Path
from layerlab.course.flow.progress import read_progress, write_progress
folder = Path(sys.argv[1])
progress = read_progress(folder)
print("ready", flush=True)
for number in range(10**9):
    progress.hints = {"x" * (97 * number % 40_000): number}
    write_progress(folder, progress)
"""


def test_progress_is_whole_after_fifty_kills(folder: Path) -> None:
    """Each time at another moment; what a killed process leaves beside it is removed later."""
    files, sizes = open_course(folder).progress.files, set()
    for attempt in range(50):
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", SAVING, str(folder)], stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(0.002 + attempt * 0.003)
        process.kill()
        process.wait()
        process.stdout.close()
        assert json.loads((folder / FILE).read_text("utf-8"))["files"] == files
        sizes.add((folder / FILE).stat().st_size)
    assert len(sizes) > 5  # they were killed at work
    for path in folder.glob(".progress-*"):
        os.utime(path, (0, 0))
    open_course(folder).mark_done(FIRST)
    assert not list(folder.glob(".progress-*"))


def test_twenty_saves_are_answered(folder: Path) -> None:
    """Each answer comes; how fast is in docs/course.md, because tests measure no time."""
    path = folder / FIRST.file
    with terminal(folder) as screen:
        screen.shows("n next")
        for number in range(20):
            right = number % 2
            text = FIRST.solution if right else FIRST.solution.replace("return", "return 2 *")
            path.write_text(f"{text}# save {number}\n", "utf-8")
            screen.shows("✓" if right else "✗", "q leave")


def test_check_from_outside(folder: Path, tmp_path: Path) -> None:
    """What others rely on: exit status and JSON; every exercise fails at first, and every solution passes."""
    fresh = learn(folder, "check", "--all", "--json", "-")
    facts = json.loads(fresh.stdout)
    assert fresh.returncode == 1
    assert (facts["passed"], facts["right"]) == (False, 0)
    assert {one["exercise"] for one in facts["exercises"]} == {exercise.id for exercise in all_exercises()}
    assert {one["findings"][0]["code"] for one in facts["exercises"]} == {"not-written"}
    for exercise in all_exercises():
        (folder / exercise.file).write_text(exercise.solution, "utf-8")
    solved = learn(folder, "check", "--all", "--json", "-")
    assert (solved.returncode, json.loads(solved.stdout)["passed"]) == (0, True)
    assert set(read_progress(folder).done) == {exercise.id for exercise in all_exercises()}


def test_check_of_a_file_that_lies_anywhere(tmp_path: Path) -> None:
    exercise = next(one for one in all_exercises() if one.function == "linear_backward")
    (tmp_path / "mine.py").write_text(exercise.solution, "utf-8")
    (tmp_path / "wrong.py").write_text(exercise.solution.replace(".T / m", ".T"), "utf-8")
    right = learn(tmp_path, "check", "mine.py", "--json", "-")
    assert right.returncode == 0
    assert json.loads(right.stdout) == {"exercise": exercise.id, "passed": True, "advice": [], "findings": []}
    wrong = learn(tmp_path, "check", "wrong.py", "--exercise", "4.05", "--lang", "ko", "--json", "-")
    facts = json.loads(wrong.stdout)
    assert (wrong.returncode, facts["passed"]) == (1, False)
    fields = {"code", "quantity", "relation", "line", "part", "proof", "message", "question"}
    assert set(facts["findings"][0]) == fields
    assert facts["findings"][0]["relation"] == "ratio m"
    assert re.search("[가-힣]", facts["findings"][0]["message"])
    assert wrong.stderr.decode().endswith("layerlab learn check wrong.py --exercise 4.05-linear-backward\n")


def test_a_check_by_name_marks_what_is_done_and_recommends_what_helps(folder: Path, tmp_path: Path) -> None:
    (folder / FIRST.file).write_text(FIRST.solution.replace("return", "return 2 *"), "utf-8")
    wrong = learn(folder / "1-numpy", "check", "sigmoid")
    assert wrong.returncode == 1
    assert wrong.stdout.decode().startswith(f"✗ {FIRST.function} is not right yet.\n01_sigmoid.py:")
    assert wrong.stdout.decode().endswith(f"Next: layerlab learn hint {FIRST.id}\n")
    (tmp_path / "elsewhere.py").write_text(FIRST.solution, "utf-8")
    assert learn(folder, "check", str(tmp_path / "elsewhere.py")).returncode == 0
    assert read_progress(folder).done == {}  # it is not the file of the course
    (folder / FIRST.file).write_text(FIRST.solution, "utf-8")
    right = learn(folder, "check")
    assert right.returncode == 0
    assert right.stdout.decode().endswith("Next: layerlab learn\n")
    assert list(read_progress(folder).done) == [FIRST.id]


def test_the_doctor_finds_what_is_wrong(folder: Path) -> None:
    well = learn(folder, "doctor", "--json", "-")
    assert (well.returncode, json.loads(well.stdout)["works"]) == (0, True)
    (folder / FIRST.file).unlink()
    (folder / f"{SECOND.file}.new").write_text("a newer text")
    ill = learn(folder, "doctor")
    assert ill.returncode == 1
    assert f"missing: {FIRST.file}; `layerlab learn new .` brings them back" in " ".join(ill.stdout.decode().split())
    assert f"{SECOND.file}.new" in ill.stdout.decode()
    (folder / FILE).write_text('{"format_version": 1, "course": 0}', "utf-8")
    damaged = learn(folder, "doctor", "--lang", "ko")
    assert damaged.returncode == 1
    assert "깨졌습니다" in damaged.stdout.decode()


def test_authors_check_an_exercise(tmp_path: Path) -> None:
    done = learn(tmp_path, "dev", "check", "1.02", "--json", "-")
    facts = json.loads(done.stdout)
    assert facts["counts"]["solution"] == {"kept": 1, "of": 1}
    assert facts["passed"] == (done.returncode == 0)
    assert learn(tmp_path, "dev", "check", "nothing").returncode == 2
