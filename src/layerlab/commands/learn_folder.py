"""``layerlab learn new``, ``reset`` and ``export-results``: commands about the folder of a course."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from layerlab.errors import InputError
from layerlab.runs.writing import DASH, check_new, write_text

from .learn_setting import USUAL_COURSE, Lang, Setting, language_of, setting_of
from .options import Json
from .output import Output

if TYPE_CHECKING:
    from layerlab.course.flow.folder import Course

MANY = 4
"""Of more files than this, only the number is said, unless they are the learner's own."""

NEW = (
    "Make a folder with all exercises; bring the folder of a course up to date.\n\n"
    f"Example: [bold]layerlab learn new {USUAL_COURSE}[/]\n\n"
    "The folder has to be new or empty. In the folder of a course, files that you have not changed get their newer "
    "text, and what is missing comes back. Files that you have changed stay as they are: a newer text lies beside each "
    "of them, in a file that ends in .new."
)

RESET = (
    "Hand out the file of an exercise again; what you had written is kept.\n\n"
    "Example: [bold]layerlab learn reset 4.05[/]\n\n"
    "Your file is copied into the folder .backup of the course first, under the date and the time. Nothing there is "
    "ever replaced."
)

RESULTS = (
    "Export which exercises are done, with dates and the number of hints that were read, for a teacher.\n\n"
    "Example: [bold]layerlab learn export-results --out results.csv[/]\n\n"
    "With --json as JSON. These are the dates that the course remembers, and anybody can edit them. "
    "[bold]layerlab learn check --all --json -[/] checks the files themselves."
)


def learn_new(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="New or empty folder, or the folder of a course.")],
    lang: Lang = None,
    json_path: Json = None,
) -> None:
    """Make a course in a new or empty folder, or bring a course up to date."""
    from layerlab.course.flow.folder import bring_up_to_date, make_course, open_course
    from layerlab.course.flow.progress import is_course
    from layerlab.course.flow.words import said

    here = folder.resolve() == Path.cwd()
    with Output(json=json_path) as output:
        before = open_course(folder) if is_course(folder) else None
        asked = language_of(context, lang) or (before.progress.lang if before else "en")
        setting = Setting(output, asked, before, None)
        setting.say_of_letters()
        if before is None:
            course = make_course(folder, setting.lang)
            changes = None
            setting.say("new.made", folder=folder, exercises=len(course.exercises))
            setting.say("new.meant")
            if not here:
                setting.say("new.go", file=course.path(course.exercises[0]))
        else:
            course, changes = before, bring_up_to_date(before, setting.lang)
            setting.say("new.updated" if any(changes) else "new.same", folder=folder)
            for key, files in changes._asdict().items():
                if files:
                    many = key != "kept" and len(files) > MANY
                    setting.say(
                        f"new.{key}",
                        files=said("files", setting.shown, number=len(files)) if many else ", ".join(files),
                    )
        output.keep(
            {
                "folder": str(folder),
                "lang": setting.lang,
                "exercises": len(course.exercises),
                "update": None if changes is None else changes._asdict(),
            }
        )
        setting.then(folder=None if here else folder)


def learn_reset(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Exercise: id, number such as 4.05, function or file.")],
    lang: Lang = None,
    json_path: Json = None,
) -> None:
    """Replace an exercise's file by the one that was handed out, and keep the learner's."""
    from layerlab.course.flow.folder import from_here, hand_out_again

    with Output(json=json_path) as output:
        setting = setting_of(context, output, lang)
        course, exercise = setting.needed_course(), setting.exercise(name)
        kept = hand_out_again(course, exercise)
        output.keep({"exercise": exercise.id, "file": exercise.file, "backup": None if kept is None else str(kept)})
        place = "" if kept is None else from_here(kept)
        setting.say("reset.kept" if place else "reset.same", file=course.shown_path(exercise), backup=place)
        setting.then("check", exercise.id)


def learn_export_results(
    context: typer.Context,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Save the results as CSV in this new file; -: standard output."),
    ] = None,
    lang: Lang = None,
    json_path: Json = None,
) -> None:
    """Export what the course remembers."""
    with Output(stdout_taken=out == DASH, out=out, json=json_path) as output:
        setting = setting_of(context, output, lang)
        course = setting.needed_course()
        if out is not None and out != DASH:
            check_new(out, "file")
        if out == json_path == DASH:
            raise InputError("--out - and --json -: both would be standard output; name a file for one of them")
        rows = _results(course)
        output.keep({"course": course.progress.course, "exercises": rows})
        text = _csv(rows)
        if out == DASH:
            print(text, end="")
        elif out is not None:
            write_text(out, text)
            output.made.append(str(out))
            setting.say("export.saved", path=out)
        setting.say("list.done", done=course.n_done(), all=len(course.exercises))
        setting.say("export.how" if out is None and json_path is None else "export.what")
        setting.then("check", "--all")


def _results(course: Course) -> list[dict[str, Any]]:
    """Return a row for each exercise: when it was done, and how many hints were read."""
    progress = course.progress
    return [
        {
            "id": exercise.id,
            "chapter": exercise.chapter,
            "function": exercise.function,
            "done": progress.done.get(exercise.id),
            "hints": progress.hints.get(exercise.id, 0),
        }
        for exercise in course.exercises
    ]


def _csv(rows: list[dict[str, Any]]) -> str:
    """Return the results, a row for each exercise, as the text of a CSV file."""
    file = io.StringIO()
    table = csv.DictWriter(file, rows[0], lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return file.getvalue()
