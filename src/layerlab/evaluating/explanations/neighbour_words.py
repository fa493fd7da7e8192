"""What screens say about the nearest training images: a heading, the table, and what follows from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rich.text import Text

from layerlab.console import plain_table
from layerlab.escapes import printable
from layerlab.text import amount, count_text, probability_text

if TYPE_CHECKING:
    from rich.console import Console


def print_neighbours(facts: Mapping[str, Any], console: Console) -> None:
    """Print the nearest training images in a table, with their classes, predictions and distances.

    Args:
        facts: the result of ``neighbour_facts``.
        console: where to print.
    """

    def say(line: str) -> None:
        console.print(printable(line), highlight=False, markup=False)

    if facts["missing"]:
        say(f"Nearest training images: {facts['missing']}")
        return
    say(heading_line(facts))
    several, regression = len(facts["of"]) > 1, facts["of"][0]["agreeing"] is None
    truth = "true value" if regression else "true class"
    table = plain_table(*(["file"] if several else []), "training image", truth, "predicted", "distance")
    for one in facts["of"]:
        for place, neighbour in enumerate(one["neighbours"]):
            name = [Text(printable(one["name"]) if place == 0 else "")] * several
            cells = (neighbour_name(neighbour), neighbour["truth"], predicted_text(neighbour))
            table.add_row(*name, *(Text(printable(cell)) for cell in cells), amount(neighbour["distance"]))
    console.print(table)
    for line in closing_lines(facts):
        say(line)


def heading_line(facts: Mapping[str, Any]) -> str:
    """Say what is compared: the values of the last hidden layer, or the pixels."""
    k = max(len(one["neighbours"]) for one in facts["of"])
    which = "nearest training image" if k == 1 else f"{k} nearest training images"
    if facts["layer"] == 0:
        return f"The {which} by the Euclidean distance of the pixels (the network has no hidden layer):"
    values = "value" if facts["units"] == 1 else f"{facts['units']:,} values"
    return f"The {which} by the Euclidean distance of the {values} of the last hidden layer (layer {facts['layer']}):"


def neighbour_name(neighbour: Mapping[str, Any]) -> str:
    """Return the file of a training image; its number, from 0, where there are no files."""
    return neighbour["name"] or f"number {neighbour['number']}"


def predicted_text(neighbour: Mapping[str, Any]) -> str:
    """Write the prediction for a training image with its probability, and whether it is wrong."""
    if neighbour["probability"] is None:
        return str(neighbour["answer"])
    wrong = "" if neighbour["answer"] == neighbour["truth"] else ", wrong"
    return f"{neighbour['answer']} ({probability_text(neighbour['probability'])}{wrong})"


def closing_lines(facts: Mapping[str, Any]) -> Iterator[str]:
    """Yield what follows from the table, where it is certain: how many neighbours have the predicted class.

    Args:
        facts: the result of ``neighbour_facts``, with training images.
    """
    several = len(facts["of"]) > 1
    for one in facts["of"]:
        who = f"{one['name']}: " if several else ""
        if one["agreeing"] is not None:
            yield f"{who}{agreement(one)}"
        if copies := [neighbour_name(neighbour) for neighbour in one["neighbours"] if neighbour["same_pixels"]]:
            yield f"{who}The training set has this image, or a copy with the same pixels: {', '.join(copies)}."
        if one["equally_near"] > len(one["neighbours"]):
            yield f"{who}{_not_told_apart(facts, one)}"
    if not several:
        far, count = amount(facts["of"][0]["mean_distance"]), facts["training_images"]
        if count > 1:
            all_of = (
                f"all {count:,} training images" if facts["itself"] is None else f"the {count:,} other training images"
            )
            yield f"The mean distance from {all_of} is {far}."
    if facts["varied"]:
        yield f"The network was trained on variants of the images ({facts['varied']}); the originals are compared."


def agreement(one: Mapping[str, Any]) -> str:
    """Say how many of the nearest training images have the predicted class, and which other class most have.

    Args:
        one: an item of ``of`` in the result of ``neighbour_facts``.
    """
    k, agreeing, answer = len(one["neighbours"]), one["agreeing"], one["answer"]
    if k == 1:
        return f"Its class is {one['neighbours'][0]['truth']}; predicted for this image: {answer}."
    count = {0: "None", k: "Both" if k == 2 else "All"}.get(agreeing, f"{agreeing}")
    of = "" if count == "Both" else f" {k}" if count == "All" else f" of the {k}"
    verb = "is" if agreeing < 2 else "are"
    said = f"{count}{of} nearest training images {verb} of the predicted class, {answer}"
    others = Counter(neighbour["truth"] for neighbour in one["neighbours"] if neighbour["truth"] != answer)
    other, more = others.most_common(1)[0] if others else ("", 0)
    if 2 * more <= k:
        return f"{said}."
    return f"{said}; {'all' if more == k else f'{more:,}'} are of the class {other}."


def _not_told_apart(facts: Mapping[str, Any], one: Mapping[str, Any]) -> str:
    """Say that more training images are equally near than are shown."""
    alike = count_text(one["equally_near"], "training image" if facts["itself"] is None else "other training image")
    shown = "those with the most similar pixels are shown"
    if one["neighbours"][-1]["distance"] == 0 and facts["layer"]:
        return (
            f"The last hidden layer has the same values for this image and {alike}: the network cannot distinguish "
            f"between them, and {shown}."
        )
    return f"{alike} have the same distance: {shown}." if facts["layer"] else f"{alike} have the same distance."
