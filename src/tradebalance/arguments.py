"""What commands have in common: their options, and values that an option gives as text.

Only click is imported at the top, so that a command's help does not wait for pandas.
"""

from collections.abc import Callable
from typing import Any

import click

case_option = click.option(
    "--case",
    "case_folder",
    default="",
    help="A folder with data/raw and scenarios, or a name under cases; default: this checkout.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def answer_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What `run` and `compare` let a user change in a scenario."""
    for option in (
        click.option("--reporter", help="Whose book: USA, VNM, or another of the case."),
        click.option("--as-of", metavar="YYYY-MM", help="What was known at the end of that month."),
        click.option("--draws", type=int, help="Number of draws."),
        click.option("--seed", type=int, help="Start of the random numbers."),
        click.option(
            "--set", "changes", multiple=True, metavar="KEY=VALUE", help="A scenario key or an assumption's path."
        ),
    ):
        command = option(command)
    return command


def month(option: str, text: str | None) -> Any:
    """A month like 2026-08 of `--as-of`, `--from` or `--to`; None where nothing is said."""
    from . import terms

    try:
        return text and terms.month(text)
    except ValueError as error:
        hint = {"as_of": "--as-of", "old": "--from", "new": "--to"}[option]
        raise click.BadParameter(str(error), param_hint=hint) from None


def share(text: str, option: str) -> float:
    """`0.05` or `5 %`, above 0 and at most 1."""
    number, sign, rest = text.strip().partition("%")
    try:
        found = float(number) / (100 if sign else 1)
    except ValueError:
        found = 0.0
    if rest or not 0 < found <= 1:
        message = f"{text!r} is not a share above 0 and at most 1; write 0.05 or '5 %'"
        raise click.BadParameter(message, param_hint=option)
    return found


def settings(changes: tuple[str, ...]) -> dict[str, object]:
    """`key=value` pairs, values read as YAML."""
    from . import readers
    from .problems import Refused

    found = {}
    for change in changes:
        key, equals, text = change.partition("=")
        if not key or not equals:
            raise click.BadParameter(f"{change!r} is not KEY=VALUE", param_hint="--set")
        document = readers.yaml_document(text.encode(), f"--set {key}")
        if document.problems:
            raise Refused(document.problems)
        found[key] = document.data
    return found
