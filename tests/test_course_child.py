"""Files that run for ever, crash, or do what they may not: each gets one finding, and leaves no process behind."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from ast import literal_eval
from collections.abc import Iterator
from pathlib import Path

import pytest

from layerlab.course.checker.exercise import EXERCISES, read_exercise
from layerlab.course.reports import Report
from layerlab.course.running import START, Checker, check_source
from layerlab.errors import WorkError

EXERCISE = read_exercise(EXERCISES / "4_layers" / "05_linear_backward")
LINE = 7
"""Where ``faulty`` puts its first line into the solution."""

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def checker() -> Iterator[Checker]:
    with Checker() as made:
        yield made


def faulty(lines: str) -> str:
    """The solution, with lines put before the gradient of W."""
    before, after = EXERCISE.solution.split("    dW =")
    return before + textwrap.indent(textwrap.dedent(lines).strip() + "\n", "    ") + "    dW =" + after


def processes_of_checkers() -> list[str]:
    """The command lines of all processes that wait or check, or that such a process started."""
    listed = subprocess.run(["ps", "-ww", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout  # noqa: S607
    ours = str(EXERCISES.parent)  # another checkout may be tested at the same time
    return [line for line in listed.splitlines() if "checker.child" in line and ours in line]


def number_of_checkers(wanted: int, seconds: float = 2) -> int:
    """How many there are; a process that starts or ends may take a moment until it is listed as it is meant."""
    until = time.monotonic() + seconds
    while len(processes_of_checkers()) != wanted and time.monotonic() < until:
        time.sleep(0.05)
    return len(processes_of_checkers())


def found(checker: Checker, source: str) -> Report:
    report = checker.check(EXERCISE, source)
    assert not report.passed
    assert len(report.findings) == 1
    assert report.seconds < 6
    return report


THREAD = """
    import threading
    import time

    def work():
        while True:
            {}

    threading.Thread(target=work).start()
"""


@pytest.mark.parametrize(
    ("lines", "code", "line"),
    [
        pytest.param("while True: pass", "never-ends", LINE, id="endless loop"),
        pytest.param("10 ** 10 ** 9", "never-ends", LINE, id="endless number"),
        pytest.param("import time\ntime.sleep(100)", "never-ends", LINE + 1, id="long sleep"),
        pytest.param("np.ones((200_000, 200_000))", "out-of-memory", LINE, id="300 GiB"),
        pytest.param("linear_backward(dZ, cache)", "recursion", LINE, id="recursion"),
        pytest.param("exit()", "ends-python", LINE, id="exit"),
        pytest.param("import sys\nsys.exit(1)", "ends-python", LINE + 1, id="sys.exit"),
        pytest.param("import os\nos._exit(3)", "ends-python", None, id="os._exit(3)"),
        pytest.param("import os\nos._exit(0)", "ends-python", None, id="os._exit(0)"),
        pytest.param("while True:\n    print('hello')", "prints-too-much", LINE + 1, id="prints for ever"),
        pytest.param(
            "import os\nwhile True:\n    os.write(1, bytes(9999))", "prints-too-much", LINE + 2, id="os.write"
        ),
        pytest.param("input('your name?')", "asks", LINE, id="input"),
        pytest.param("import ctypes\nctypes.string_at(0)", "died", LINE + 1, id="null pointer"),
    ],
)
def test_what_breaks_off_gets_one_finding_within_six_seconds(
    checker: Checker, lines: str, code: str, line: int | None
) -> None:
    report = found(checker, faulty(lines))
    assert report.findings[0].code == code
    assert report.findings[0].line == line


@pytest.mark.parametrize("work", ["time.sleep(0.1)", "pass"])
def test_a_thread_that_goes_on_is_found_in_its_loop(checker: Checker, work: str) -> None:
    report = found(checker, faulty(THREAD.format(work)))
    assert report.findings[0].code == "never-ends"
    assert report.findings[0].details["thread"]
    assert report.findings[0].line in (LINE + 4, LINE + 5)


@pytest.mark.parametrize("growing", ["x = x + x", "x.append(1)"])
def test_a_growing_list_is_out_of_memory_or_out_of_time(checker: Checker, growing: str) -> None:
    report = found(checker, faulty(f"x = [1]\nwhile True:\n    {growing}"))
    assert report.findings[0].code in ("out-of-memory", "never-ends")
    assert report.findings[0].line in (LINE + 1, LINE + 2)


@pytest.mark.parametrize(
    ("lines", "action"),
    [
        ("import socket\nsocket.socket()", "network"),
        ("import urllib.request\nurllib.request.urlopen('http://127.0.0.1:9')", "network"),
        ("import subprocess\nsubprocess.run(['ls'])", "process"),
        ("import os\nos.system('ls')", "process"),
        ("import os\nos.kill(os.getppid(), 9)", "process"),
        ("import os\nos.remove('some file')", "write"),
        ("import numpy\nnumpy.save('some file', dZ)", "write"),
        ("import os\nos.open('some file', os.O_CREAT)", "write"),
        *([("import os\nos.fork()", "process")] if hasattr(os, "fork") else []),
    ],
)
def test_actions_are_refused_at_their_line(checker: Checker, lines: str, action: str) -> None:
    finding = found(checker, faulty(lines)).findings[0]
    assert (finding.code, finding.details["action"], finding.line) == ("forbidden", action, LINE + 1)


def test_a_file_may_be_read(checker: Checker) -> None:
    assert checker.check(EXERCISE, faulty(f"open({str(Path(__file__))!r}).read()")).passed


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("from layerlab.notes.deep import linear_backward\n", 1),
        ("import importlib\nlinear_backward = importlib.import_module('layerlab.notes.deep').linear_backward\n", 2),
        (faulty("__import__('layerlab.notes')"), LINE),
        (faulty("try:\n    import layerlab.notes\nexcept Exception:\n    pass"), LINE + 1),
        (faulty(f"open({str(Path(__file__).parents[1] / 'src/layerlab/notes/deep.py')!r})"), LINE),
    ],
)
def test_an_imported_answer_is_a_finding_of_its_own(checker: Checker, source: str, line: int) -> None:
    finding = found(checker, source).findings[0]
    assert (finding.code, finding.line) == ("imported-answer", line)


@pytest.mark.parametrize("name", ["np.abs", "np.allclose", "np.asarray", "np.linalg.norm"])
def test_overwritten_names_of_numpy_are_named_and_put_back(checker: Checker, name: str) -> None:
    finding = found(checker, f"import numpy as np\n{name} = lambda *a, **k: 0\n" + EXERCISE.solution).findings[0]
    assert (finding.code, finding.details["name"]) == ("forbidden", name)


def test_an_answer_of_another_library_is_an_imported_answer(checker: Checker) -> None:
    finding = found(checker, faulty("from scipy.special import expit")).findings[0]
    assert (finding.code, finding.details["module"]) == ("imported-answer", "scipy")


def test_a_child_of_the_learners_process_ends_with_it(checker: Checker) -> None:
    fork = "import ctypes, time\nctypes.CDLL(None).fork()\ntime.sleep(1000)"
    if sys.platform == "win32":
        pytest.skip("no fork")
    before = len(processes_of_checkers())  # the spare process, which waits for the next file
    assert found(checker, faulty(fork)).findings[0].code == "never-ends"
    assert number_of_checkers(before) == before


def test_nothing_is_left_running() -> None:
    before = len(processes_of_checkers())
    with Checker() as made:
        assert made.check(EXERCISE, EXERCISE.solution).passed
        assert number_of_checkers(before + 1) == before + 1
    assert number_of_checkers(before) == before
    assert not check_source(EXERCISE, "").passed
    assert number_of_checkers(before) == before


def test_what_is_given_can_be_used_and_imported(checker: Checker) -> None:
    exercise = next(read_exercise(path.parent) for path in sorted(EXERCISES.glob("*/*/exercise.toml")))
    assert checker.check(exercise, exercise.solution).passed


def test_a_shared_process_checks_one_text_after_the_other_and_is_replaced_when_it_ends() -> None:
    printing = faulty("print('hello')")
    with Checker(shared=True) as shared:
        reports = [shared.check(EXERCISE, text) for text in (printing, EXERCISE.solution, "exit()", printing)]
        ends = shared.check(EXERCISE, faulty("import os\nos._exit(3)"))
        assert shared.check(EXERCISE, EXERCISE.solution).passed
    assert [report.passed for report in reports] == [True, True, False, True]
    assert [report.printed[:5] for report in reports] == ["hello", "", "", "hello"]
    assert ends.findings[0].details["how"] == "os._exit(3)"


def test_prints_do_not_spoil_the_answer_and_are_shown(checker: Checker) -> None:
    report = checker.check(EXERCISE, faulty("print('{\"passed\": false}')\nimport os\nos.write(1, b'hello')"))
    assert report.passed
    assert report.printed.startswith('{"passed": false}\nhello')


def test_the_verdict_comes_before_the_findings(checker: Checker) -> None:
    told: list[bool] = []
    report = checker.check(EXERCISE, EXERCISE.cells("wrong.py")[0].source, told.append)
    assert told == [False]
    assert report.findings


def loaded_by_numpy() -> set[str]:
    """What Python and NumPy load here without the checker; an installation may add packages to every start."""
    show = "import sys, numpy; print(*{name.split('.')[0] for name in sys.modules})"
    listed = subprocess.run([sys.executable, "-I", "-c", show], capture_output=True, text=True, check=True)  # noqa: S603
    return set(listed.stdout.split())


def test_the_child_loads_nothing_of_layerlab_but_the_checker() -> None:
    show = f"""
        import sys
        loaded = {{name for name in sys.modules if getattr(sys.modules[name], "__file__", None)}}
        print([name for name in loaded if {str(EXERCISES.parents[1])!r} in sys.modules[name].__file__])
        print(sorted({{name.split(".")[0] for name in loaded}} - set(sys.stdlib_module_names)))
        print(sys.path)
    """
    inside, outside, path = check_source(EXERCISE, faulty(show)).printed.splitlines()[:3]
    assert all(name.startswith("checker") for name in literal_eval(inside))
    assert "checker.child" in literal_eval(inside)
    assert set(literal_eval(outside)) <= {"checker", *loaded_by_numpy()}
    assert not [folder for folder in literal_eval(path) if "layerlab" in Path(folder).parts]


def test_the_threads_of_linear_algebra_are_one_and_the_environment_is_thin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_SECRET", "of the learner")
    report = check_source(EXERCISE, faulty("import os\nprint(sorted(os.environ))"))
    names = literal_eval(report.printed.splitlines()[0])
    assert "OPENBLAS_NUM_THREADS" in names
    assert "A_SECRET" not in names


def test_a_checker_that_fails_itself_is_no_fault_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("layerlab.course.running.START", START.replace("checker.child", "checker.no_such_page"))
    with pytest.raises(WorkError, match="The checker itself failed, which is not the fault of the file"):
        check_source(EXERCISE, EXERCISE.solution)


def test_a_process_that_loses_its_parent_ends_by_itself() -> None:
    """The parent is killed during an endless loop; the time-out is the child's own."""
    endless = faulty("while True:\n    pass")
    program = f"""
import os, threading, time
from layerlab.course.checker.exercise import EXERCISES, read_exercise
from layerlab.course.running import check_source
threading.Timer(1.5, os.kill, (os.getpid(), 9)).start()
check_source(read_exercise(EXERCISES / "4_layers" / "05_linear_backward"), {endless!r})
"""
    before = len(processes_of_checkers())
    subprocess.run([sys.executable, "-c", program], check=False)  # noqa: S603
    assert number_of_checkers(before, seconds=8) == before
