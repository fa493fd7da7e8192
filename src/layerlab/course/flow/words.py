"""Every sentence of the flow, in English and Korean side by side.

A Korean particle whose form depends on the last sound of a name (을 or 를) is avoided: the name stands after a colon,
or a noun follows it.
"""

from __future__ import annotations

LANGUAGES = ("en", "ko")

WORDS: dict[str, tuple[str, str]] = {
    # files that are handed out
    "file.check": (
        "Save this file, then check it:  layerlab learn check {name}",
        "이 파일을 저장한 다음 확인하세요:  layerlab learn check {name}",
    ),
    "file.todo": ("write this part; to return: {outputs}", "이 부분을 쓰세요. 돌려줄 값: {outputs}"),
    "readme": (
        """# Your course

Each exercise is a file with one function. You write what is missing, save, and read what the grader says: where the
function goes wrong, and how. **Every exercise fails at first: that is meant.**

Begin with `{first}`. In this folder, type

    layerlab learn

and leave it running beside your editor. It looks at one exercise and checks it each time you save. Its keys: `n` next,
`p` previous, `h` a hint, `s` a solution (once yours is right), `l` the list, `r` check again, `q` leave.

| folder | chapter | exercises |
|---|---|---|
{chapters}

Each folder has a `lesson.md` to read first, and a `given.py` with functions that its exercises may use. Pages that are
called `docs/learn/…` are in the copy of layerlab that you have installed.

Without watching:

| command | what it does |
|---|---|
| `layerlab learn list` | shows all exercises, and which are done |
| `layerlab learn check 1.01` | checks one exercise, by number, name or file; `--all`: all of them |
| `layerlab learn hint 1.01` | shows a hint, and the next one each time |
| `layerlab learn solution 1.01` | shows a solution, and why it is right |
| `layerlab learn reset 1.01` | hands the file out again; yours is kept in `.backup/` |
| `layerlab learn new .` | brings this folder up to date; your work stays as it is |
| `layerlab learn doctor` | looks whether everything works |

`progress.json` remembers what is done. Keep it with your files, in Git for example, and you can go on anywhere.

Checking runs your code on this machine. It is stopped after some seconds, and it may not use the network, start
programs or write files. That keeps accidents away; it is no protection against programs that mean harm.
""",
        """# 나의 강의

연습 하나는 함수 하나가 든 파일입니다. 빠진 부분을 쓰고 저장한 다음, 채점기의 말을 읽으세요. 채점기는 함수의 어디가
어떻게 틀렸는지 알려 줍니다. **처음에는 모든 연습이 틀립니다. 일부러 그렇게 만들었습니다.**

`{first}` 파일에서 시작하세요. 이 폴더에서 다음 명령을 입력하고

    layerlab learn

편집기 옆에 켜 두세요. 연습 하나를 지켜보다가 저장할 때마다 확인합니다. 키: `n` 다음, `p` 이전, `h` 힌트,
`s` 풀이(맞힌 다음에), `l` 목록, `r` 다시 확인, `q` 끝내기.

| 폴더 | 장 | 연습 수 |
|---|---|---|
{chapters}

폴더마다 먼저 읽을 `lesson.md`와, 그 장의 연습에서 써도 되는 함수가 든 `given.py`가 있습니다. `docs/learn/…`이라고
적힌 글은 설치한 layerlab 폴더 안에 있습니다.

지켜보지 않고 쓰는 명령:

| 명령 | 하는 일 |
|---|---|
| `layerlab learn list` | 모든 연습과 끝낸 연습을 보여 줍니다 |
| `layerlab learn check 1.01` | 번호, 이름, 파일로 연습 하나를 확인합니다. `--all`: 전부 |
| `layerlab learn hint 1.01` | 힌트를 보여 줍니다. 다시 부르면 다음 힌트가 나옵니다 |
| `layerlab learn solution 1.01` | 풀이와 그 이유를 보여 줍니다 |
| `layerlab learn reset 1.01` | 처음 파일로 되돌립니다. 쓴 파일은 `.backup/`에 남습니다 |
| `layerlab learn new .` | 이 폴더를 새 판에 맞춥니다. 쓴 파일은 그대로 둡니다 |
| `layerlab learn doctor` | 모든 것이 잘 되는지 살펴봅니다 |

`progress.json`이 끝낸 연습을 기억합니다. 파일들과 함께 (예를 들어 Git에) 두면 어디서든 이어서 할 수 있습니다.

확인할 때는 작성한 코드가 이 컴퓨터에서 실행됩니다. 몇 초가 지나면 멈추고, 네트워크를 쓰거나 프로그램을 시작하거나
파일을 쓰지 못합니다. 사고를 막기 위한 것이며, 해로운 프로그램을 막아 주지는 않습니다.
""",
    ),
    # outside a course
    "begin.what": (
        "A course for your own editor: you write a function, save it, and read where it goes wrong, and how.",
        "편집기에서 하는 강의입니다. 함수를 쓰고 저장하면, 어디가 어떻게 틀렸는지 읽을 수 있습니다.",
    ),
    "begin.many": (
        "It has {exercises} exercises in {chapters} chapters, works offline, and needs no account.",
        "{chapters}개 장에 연습 {exercises}개가 있습니다. 인터넷도 계정도 필요 없습니다.",
    ),
    "begin.how": (
        "This folder is no course yet. One command makes a new folder with all exercises:",
        "이 폴더는 아직 강의 폴더가 아닙니다. 다음 명령이 모든 연습이 든 새 폴더를 만듭니다:",
    ),
    "begin.there": ("Your course is in {folder}.", "강의 폴더가 여기 있습니다: {folder}"),
    "no-course": (
        "{place}: lies in no course; go into the folder of yours, or make one with `layerlab learn new my-course`",
        "{place}: 강의 폴더가 아닙니다. 강의 폴더로 가거나 `layerlab learn new my-course`로 만드세요",
    ),
    "no-course.there": (
        "{place}: is no course (it has no progress.json); name the folder that `layerlab learn new` made",
        "{place}: 강의 폴더가 아닙니다(progress.json이 없음). `layerlab learn new`로 만든 폴더를 알려 주세요",
    ),
    "lang.unknown": (
        "--lang {lang!r}: wanted en (English) or ko (Korean)",
        "--lang {lang!r}: en(영어)이나 ko(한국어) 중 하나여야 합니다",
    ),
    "lang.letters": (
        "This terminal cannot show Korean (its encoding is {encoding}), so the words are English here.",
        "This terminal cannot show Korean (its encoding is {encoding}), so the words are English here.",
    ),
    # learn new
    "new.made": (
        "Your course is in {folder}: {exercises} exercises, and a README.md that says how to go on.",
        "강의 폴더를 만들었습니다: {folder}. 연습은 {exercises}개이고, README.md에 하는 법이 있습니다.",
    ),
    "new.meant": (
        "Every exercise fails at first: that is meant.",
        "처음에는 모든 연습이 틀립니다. 일부러 그렇게 만들었습니다.",
    ),
    "new.go": (
        "Open {file} in your editor, and leave the command below running beside it.",
        "편집기에서 {file} 파일을 열고, 아래 명령을 그 옆에 켜 두세요.",
    ),
    "new.same": (
        "{folder} is your course, and up to date. Your work is as it was.",
        "{folder}: 이미 강의 폴더이고 최신입니다. 쓴 파일은 그대로입니다.",
    ),
    "new.updated": (
        "{folder} is your course. It was brought up to date, and your work is as it was.",
        "{folder}: 이미 강의 폴더라서 새 판에 맞추었습니다. 쓴 파일은 그대로입니다.",
    ),
    "files": ("{number} files", "파일 {number}개"),
    "new.added": ("New: {files}", "새 파일: {files}"),
    "new.replaced": ("Newer text (you had not changed these): {files}", "새 글로 바꿈(고친 적 없는 파일): {files}"),
    "new.kept": (
        "You have changed these, so the newer text lies beside each of them, in a file that ends in .new: {files}",
        "고친 파일이라서 그대로 두고, 새 글은 옆에 .new로 끝나는 파일로 두었습니다: {files}",
    ),
    "new.file": (
        "{folder}: is a file; name a new or empty folder for the course",
        "{folder}: 파일입니다. 강의를 둘 새 폴더나 빈 폴더를 알려 주세요",
    ),
    "new.full": (
        "{folder}: holds files and is no course; nothing was touched. Name a new or empty folder",
        "{folder}: 다른 파일이 있고 강의 폴더가 아닙니다. 아무것도 건드리지 않았습니다. 빈 폴더를 알려 주세요",
    ),
    "new.inside": (
        "{folder}: would lie inside of the course {outer}; nothing was touched. To go on there, type `layerlab learn`",
        "{folder}: 강의 폴더 {outer} 안입니다. 아무것도 건드리지 않았습니다. 이어서 하려면: `layerlab learn`",
    ),
    # progress.json
    "progress.unreadable": (
        "{path}: cannot be read ({why}); it remembers what is done in this course",
        "{path}: 읽을 수 없습니다({why}). 이 강의에서 끝낸 연습을 기억하는 파일입니다",
    ),
    "progress.conflict": (
        (
            "{path}: Git has left both sides of a conflict in it ({why}); keep either side, then "
            "`layerlab learn check --all` finds again what is done"
        ),
        (
            "{path}: Git 병합 충돌 표시가 남아 있습니다({why}). 한쪽만 남기고 `layerlab learn check --all`을 실행하면 "
            "끝낸 연습을 다시 찾습니다"
        ),
    ),
    "progress.damaged": (
        (
            "{path}: is damaged ({why}); mend it in an editor. Or make a course in a new folder, copy your files there "
            "and type `layerlab learn check --all`"
        ),
        (
            "{path}: 깨졌습니다({why}). 편집기로 고치거나, 새 폴더에 강의를 만들고 쓴 파일을 옮긴 다음 "
            "`layerlab learn check --all`을 입력하세요"
        ),
    ),
    "progress.newer": (
        "{path}: was written by a newer layerlab; install that version here, too",
        "{path}: 더 새로운 layerlab이 쓴 파일입니다. 여기에도 그 판을 설치하세요",
    ),
    "progress.unwritten": (
        "{path}: cannot be written ({why}); what was done now is not remembered",
        "{path}: 쓸 수 없습니다({why}). 방금 한 것은 기억되지 않습니다",
    ),
    # names and files
    "name.near": (
        "no exercise is called {name}; did you mean {near}? `layerlab learn list` shows all",
        "{name}: 그런 연습이 없습니다. 혹시 {near}인가요? `layerlab learn list`가 모두 보여 줍니다",
    ),
    "name.unknown": (
        "{name}: is no exercise; `layerlab learn list` shows their names",
        "{name}: 그런 연습이 없습니다. `layerlab learn list`로 이름을 볼 수 있습니다",
    ),
    "name.several": (
        "{name}: there are several ({ids}); name one by its number, such as {first}",
        "{name}: 여러 개가 있습니다({ids}). 번호로 하나를 알려 주세요. 예: {first}",
    ),
    "file.missing": (
        "{path}: there is no such file; name a file of yours, or an exercise that `layerlab learn list` shows",
        "{path}: 그런 파일이 없습니다. 파일이나, `layerlab learn list`에 나오는 연습을 알려 주세요",
    ),
    "file.gone": (
        "{path}: is not there any more; `layerlab learn reset {id}` hands it out again",
        "{path}: 파일이 없어졌습니다. `layerlab learn reset {id}`로 다시 받을 수 있습니다",
    ),
    "file.no-file": (
        "{path}: is no file; name a file with your function",
        "{path}: 파일이 아닙니다. 함수가 든 파일을 알려 주세요",
    ),
    "file.large": (
        "{path}: has {size} MB; an exercise is a page of text. Name the file with your function",
        "{path}: 크기가 {size} MB입니다. 연습은 짧은 글입니다. 함수가 든 파일을 알려 주세요",
    ),
    "file.encoding": (
        "{path}: is no text in UTF-8; save it with the encoding UTF-8 in your editor",
        "{path}: UTF-8 글이 아닙니다. 편집기에서 UTF-8로 저장하세요",
    ),
    "file.unknown": (
        "{path}: defines no function of an exercise; name the exercise with --exercise, such as --exercise 1.01",
        "{path}: 연습의 함수가 없습니다. --exercise로 연습을 알려 주세요. 예: --exercise 1.01",
    ),
    "file.several": (
        "{path}: could answer several exercises ({ids}); name one, such as --exercise {first}",
        "{path}: 여러 연습에 맞습니다({ids}). 하나를 알려 주세요. 예: --exercise {first}",
    ),
    "check.one-or-all": (
        "--all checks every exercise of the course; leave it out, or the name, the file and --exercise",
        "--all은 모든 연습을 확인합니다. 이것을 빼거나, 이름과 파일과 --exercise를 빼세요",
    ),
    # what a check shows
    "check.passed": ("{function} is right.", "{function}: 맞았습니다."),
    "check.failed": ("{function} is not right yet.", "{function}: 아직 맞지 않습니다."),
    "check.more": (
        "There is more to say ({number}); mend this first.",
        "더 있습니다({number}개). 이것부터 고치세요.",
    ),
    "check.advice": ("Advice: {text}", "조언: {text}"),
    "check.printed": ("Your code printed:", "코드가 출력한 것:"),
    "check.all": (
        "{passed} right, {wrong} not right yet, {untouched} not begun.",
        "맞음 {passed}개, 아직 틀림 {wrong}개, 시작하지 않음 {untouched}개.",
    ),
    "why": ("Why", "이유"),
    "try": ("Try", "해 보기"),
    "see": ("See it: {command}", "직접 보기: {command}"),
    "read": ("Read on: {page}", "더 읽기: {page}"),
    # list
    "list.done": ("{done} of {all} done", "{all}개 중 {done}개 끝냄"),
    "list.chapter": ("Chapter {number}: {title}", "{number}장: {title}"),
    "list.marks": ("{done} done   {here} you are here", "{done} 끝냄   {here} 지금 여기"),
    # hints
    "hint.number": ("Hint {number} of {all}", "힌트 {number}/{all}"),
    "hint.more": ("The next time you see hint {number}.", "다음에는 힌트 {number}가 나옵니다."),
    "hint.last": ("That was the last hint.", "마지막 힌트였습니다."),
    "hint.none": ("{id} has no hints.", "{id}: 힌트가 없습니다."),
    # solution
    "solution.one": ("A solution of {id}; others are as good.", "{id}의 풀이입니다. 다른 풀이도 똑같이 좋습니다."),
    "solution.not-yet": (
        "{id}: the solution is shown once yours is right; `layerlab learn hint {id}` helps. --show-anyway shows it now",
        "{id}: 풀이는 맞힌 다음에 볼 수 있습니다. 힌트: `layerlab learn hint {id}`. 지금 보려면: --show-anyway",
    ),
    "solution.key": (
        "The solution is shown once yours is right. h shows a hint.",
        "풀이는 맞힌 다음에 볼 수 있습니다. h를 누르면 힌트가 나옵니다.",
    ),
    # reset
    "reset.kept": (
        "{file} is as it was handed out, and counts as not done. What you had written is in {backup}",
        "{file}: 처음 파일로 되돌렸고, 아직 끝내지 않은 연습입니다. 쓴 것은 여기 있습니다: {backup}",
    ),
    "reset.same": (
        "{file} is as it was handed out; there was nothing to keep.",
        "{file}: 처음 파일 그대로라서 따로 둘 것이 없었습니다.",
    ),
    # results
    "export.saved": ("Saved in {path}", "저장한 곳: {path}"),
    "export.how": (
        "Nothing was saved: --out results.csv saves this as CSV, --json results.json as JSON.",
        "저장하지 않았습니다. --out results.csv는 CSV로, --json results.json은 JSON으로 저장합니다.",
    ),
    "export.what": (
        "These are the dates that progress.json remembers. `layerlab learn check --all --json -` checks the files now.",
        "progress.json이 기억하는 날짜입니다. `layerlab learn check --all --json -`은 파일을 지금 확인합니다.",
    ),
    # doctor
    "doctor.well": ("Everything works.", "모든 것이 잘 됩니다."),
    "doctor.ill": (
        "Something does not work: see the lines with {mark}",
        "잘 안 되는 것이 있습니다: {mark} 줄을 보세요",
    ),
    "doctor.python": ("Python", "파이썬"),
    "doctor.grader": ("grader", "채점기"),
    "doctor.grader.right": ("checked a right solution in {seconds} s", "맞는 풀이를 {seconds}초에 확인함"),
    "doctor.grader.wrong": ("refused a right solution: {why}", "맞는 풀이를 틀렸다고 함: {why}"),
    "doctor.course": ("course", "강의 폴더"),
    "doctor.course.none": ("this folder is in no course", "강의 폴더가 아님"),
    "doctor.progress": ("progress", "진도"),
    "doctor.files": ("files", "파일"),
    "doctor.files.there": (
        "{edited} changed by you, {untouched} as handed out",
        "고친 파일 {edited}개, 처음 그대로 {untouched}개",
    ),
    "doctor.files.missing": (
        "missing: {files}; `layerlab learn new .` brings them back",
        "없는 파일: {files}. `layerlab learn new .`로 다시 받을 수 있음",
    ),
    "doctor.files.newer": (
        "newer texts lie beside your files: {files}",
        "쓴 파일 옆에 새 글이 있음: {files}",
    ),
    "doctor.terminal": ("terminal", "터미널"),
    "doctor.terminal.is": ("{width} columns, {encoding}", "너비 {width}칸, {encoding}"),
    # the watch
    "watch.open": (
        "Open it in your editor, and save: it is checked at once.",
        "편집기로 열어 저장하면 바로 확인합니다.",
    ),
    "watch.untouched": (
        "Not begun. It fails at first: that is meant. Replace the TODO in this file.",
        "아직 시작하지 않았습니다. 처음에는 틀리는 것이 정상입니다. 파일의 TODO를 채우세요.",
    ),
    "watch.lesson": ("A new chapter. Read first: {path}", "새 장입니다. 먼저 읽으세요: {path}"),
    "watch.why": ("Looking for the place …", "어디인지 찾는 중 …"),
    "watch.clock": ("Checked at {time}.", "{time}에 확인했습니다."),
    "watch.next": (
        "Type n for the next exercise, s to compare with a solution.",
        "n을 누르면 다음 연습으로 가고, s를 누르면 풀이와 비교할 수 있습니다.",
    ),
    "watch.all": ("All exercises are done. Congratulations!", "모든 연습을 끝냈습니다. 축하합니다!"),
    "watch.key": (
        "{key} is not a key here: n next, p previous, h hint, s solution, l list, r check again, q leave.",
        "{key}: 여기에서 쓰는 키가 아닙니다. n 다음, p 이전, h 힌트, s 풀이, l 목록, r 다시 검사, q 나가기.",
    ),
    "watch.first": ("This is the first exercise.", "첫 번째 연습입니다."),
    "watch.no-editor": (
        "--edit-cmd {command}: cannot be started ({why})",
        "--edit-cmd {command}: 시작할 수 없습니다({why})",
    ),
    "watch.left": ("{done} of {all} done. See you!", "{all}개 중 {done}개 끝냄. 또 만나요!"),
    "key.n": ("next", "다음"),
    "key.p": ("previous", "이전"),
    "key.h": ("hint", "힌트"),
    "key.s": ("solution", "풀이"),
    "key.l": ("list", "목록"),
    "key.r": ("check again", "다시 확인"),
    "key.q": ("leave", "끝내기"),
    "next": ("Next", "다음"),
}
"""A sentence by its key, first in English and then in Korean."""


def said(key: str, lang: str, /, **holes: object) -> str:
    """Return a sentence in a language, with its holes filled.

    Example:
        >>> said("list.done", "en", done=3, all=34), said("list.done", "ko", done=3, all=34)
        ('3 of 34 done', '34개 중 3개 끝냄')
    """
    return WORDS[key][LANGUAGES.index(lang)].format(**holes)
