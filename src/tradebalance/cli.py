"""The commands. Exit codes: 0 ok, 1 something failed, 2 bad input, 3 cannot write, 4 folder held, 130 interrupted."""

import errno
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

import click

OUTPUT_ERRORS = {errno.ENOSPC, errno.EPIPE, errno.EROFS, errno.EDQUOT}
CONTEXT = {"help_option_names": ["-h", "--help"]}


class Commands(click.Group):
    """A group that names the nearest command to one it does not know."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from .validation import nearest

            raise click.UsageError(f"{error.message.rstrip('.')}{nearest(args[0], list(self.commands))}", ctx) from None


@click.group(cls=Commands, context_settings=CONTEXT)
@click.version_option(package_name="tradebalance")
def cli() -> None:
    """How much of Vietnam's goods surplus with the United States would the announced purchases close?"""


case_option = click.option(
    "--case", "case_folder", default="", help="A folder with data/raw and scenarios; default: this checkout."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def answer_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What `run` and `compare` let a user change in a scenario."""
    for option in (
        click.option("--reporter", help="Whose book: USA or VNM."),
        click.option("--as-of", metavar="YYYY-MM", help="What was known at the end of that month."),
        click.option("--draws", type=int, help="Number of draws."),
        click.option("--seed", type=int, help="Start of the random numbers."),
        click.option(
            "--set", "changes", multiple=True, metavar="KEY=VALUE", help="A scenario key or an assumption's path."
        ),
    ):
        command = option(command)
    return command


@cli.command()
@click.option("--raw", type=click.Path(path_type=Path), help="Read from this folder instead of data/raw.")
@click.option("--out", type=click.Path(path_type=Path), help="Write to this folder instead of data/processed.")
@case_option
def build(raw: Path | None, out: Path | None, case_folder: str) -> None:
    """Check data/raw and rebuild data/processed; all problems in one report."""
    from . import store

    where = store.case(case_folder)
    _warn(store.build(where, raw, out))
    for line in store.contents(out or where.processed):
        click.echo(line)


@cli.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--kind", type=click.Choice(["flows", "ledger", "scenario"]), help="What the files are; default: by their looks."
)
@click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="KEY=VALUE",
    help="What a sidecar would say, such as locale=vi or unit='USD bn'.",
)
@case_option
@json_option
def check(paths: tuple[Path, ...], kind: str | None, changes: tuple[str, ...], case_folder: str, as_json: bool) -> int:
    """Validate files of figures, ledgers or scenarios without building."""
    from . import checking, options, store

    try:
        reports = checking.check(paths, kind, store.case(case_folder), _settings(changes))
    except checking.CannotTell as error:
        raise click.UsageError(str(error)) from None
    except options.Unknown as error:
        raise click.UsageError(str(error)) from None
    if as_json:
        _print_json({"files": reports})
    else:
        for report in reports:
            _print_check(report)
    return 0 if all(report["ok"] for report in reports) else 2


@cli.command()
@click.argument("scenario")
@answer_options
@case_option
@json_option
def run(scenario: str, case_folder: str, as_json: bool, **options: Any) -> None:
    """One scenario's answer."""
    from . import records, sentences, tables

    result = _solve(scenario, case_folder, options)
    if as_json:
        _print_json(records.as_json(result))
        return
    click.echo(f"{sentences.headline(result)}\n\n{sentences.stock_against_flow(result)}\n")
    shown = [
        tables.headline(result),
        tables.bridge(result),
        tables.contributions(result),
        tables.contributions(result, "deal"),
        tables.probabilities(result),
    ]
    click.echo("\n\n".join([*(table.to_string() for table in shown if len(table)), sentences.assumed(result)]))


@cli.command()
@click.argument("scenarios", nargs=-1, required=True)
@answer_options
@case_option
@json_option
@click.option("--attribute", is_flag=True, help="Tell the change of the gap from the first to the last scenario apart.")
@click.option("--since", metavar="YYYY-MM", help="With --attribute: the first scenario as known then.")
def compare(
    scenarios: tuple[str, ...], case_folder: str, as_json: bool, attribute: bool, since: str | None, **options: Any
) -> None:
    """Scenarios side by side, each under every baseline."""
    from . import attribution, decision_tables, records, tables

    if since and not attribute:
        raise click.UsageError("--since goes with --attribute")
    if attribute and not since and len(scenarios) < 2:
        raise click.UsageError("--attribute needs two scenarios, or one and --since")
    results = [_solve(name, case_folder, options) for name in scenarios]
    spans = {}
    if attribute:
        old = _solve(scenarios[0], case_folder, {**options, "as_of": since}) if since else results[0]
        spans = attribution.spans(old, results[-1])
    if as_json:
        told = {"attribution": records.attribution_as_json(spans)} if spans else {}
        pairs = records.decisions_as_json(results)
        _print_json({"scenarios": [records.as_json(result) for result in results], "decisions": pairs, **told})
        return
    click.echo(f"{tables.compare(results).to_string()}\n\n{decision_tables.decisions(results).to_string()}")
    if spans:
        click.echo(f"\n{decision_tables.attribution(spans).to_string()}")


@cli.command()
@click.argument("scenarios", nargs=-1)
@click.option("--jobs", default=2, show_default=True, type=click.IntRange(1, 64), help="Notebooks at a time.")
@click.option("--out", type=click.Path(path_type=Path), help="Write to this folder instead of reports.")
@click.option("--fresh", is_flag=True, help="Render every page, also those proven done.")
@case_option
def report(scenarios: tuple[str, ...], jobs: int, out: Path | None, fresh: bool, case_folder: str) -> int:
    """Run the notebooks and render their pages and an index; SCENARIOS default to all."""
    from . import batch, store

    where = store.case(case_folder)
    pages = batch.report(
        where,
        scenarios,
        out=out,
        workers=jobs,
        fresh=fresh,
        case_folder=case_folder,
        say=lambda line: click.echo(line, err=True),
    )
    click.echo(str((out or where.reports) / "index.html"))
    return 0 if all(page.record for page in pages) else 1


@cli.command()
@case_option
@json_option
def score(case_folder: str, as_json: bool) -> None:
    """How frozen forecasts did against figures published since."""
    from . import decision_tables, forecasts, store

    found = forecasts.score(store.case(case_folder))
    if as_json:
        _print_json(found)
    else:
        click.echo(decision_tables.frozen(found["forecasts"]).to_string())


@cli.command()
@click.argument("column")
@click.argument("period")
@click.option("--reporter", default="USA", show_default=True, type=click.Choice(["USA", "VNM"]), help="Whose book.")
@case_option
@json_option
def trace(column: str, period: str, reporter: str, case_folder: str, as_json: bool) -> None:
    """From a figure to its raw rows and the publisher's address.

    COLUMN is gap_usd_mn, exports_usd_mn or imports_usd_mn; PERIOD is 2025, 2025Q1 or 2025-03.
    """
    from . import store, terms, tracing

    try:
        when = terms.period(period)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="PERIOD") from None
    chain = tracing.trace(store.facts(store.case(case_folder)), column, when, reporter)
    if as_json:
        _print_json(tracing.as_json(chain))
    else:
        click.echo(tracing.as_text(chain))


def _solve(scenario: str, case_folder: str, options: Mapping[str, Any]) -> Any:
    from . import answer, inputs, store

    named = {name: options[name] for name in ("reporter", "as_of", "draws", "seed")}
    changes = _settings(options["changes"])
    result = answer.solve(inputs.gather(scenario, case=store.case(case_folder), changes=changes, **named))
    _warn(result.warnings)
    return result


def _settings(changes: tuple[str, ...]) -> dict[str, object]:
    """`key=value` pairs, values read as YAML."""
    from . import readers
    from .problems import Refused

    settings = {}
    for change in changes:
        key, equals, text = change.partition("=")
        if not key or not equals:
            raise click.BadParameter(f"{change!r} is not KEY=VALUE", param_hint="--set")
        document = readers.yaml_document(text.encode(), f"--set {key}")
        if document.problems:
            raise Refused(document.problems)
        settings[key] = document.data
    return settings


def _warn(problems: Any) -> None:
    from .problems import report

    if problems:
        click.echo(report(problems), err=True)


def _print_json(data: object) -> None:
    click.echo(json.dumps(data, indent=1, ensure_ascii=False))


def _print_check(report: Mapping[str, Any]) -> None:
    from .problems import Problem

    click.echo(f"{report['file']}: {'ok' if report['ok'] else 'refused'} ({report['kind']})")
    for problem in report["problems"]:
        click.echo(str(Problem(file=report["file"], **problem)), err=True)
    if report["problems_not_shown"]:
        click.echo(f"... and {report['problems_not_shown']} more", err=True)


def main() -> NoReturn:
    """The console script: run a command and turn what went wrong into one message and an exit code."""
    try:
        code = cli.main(prog_name="tradebalance", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        code = 130
    except Exception as error:
        code = _failure(error)
    sys.exit(code if isinstance(code, int) else 0)


def _failure(error: Exception) -> int:
    """The exit code of a failure that has a sentence; anything else is a defect and keeps its traceback."""
    from .batch import Busy
    from .problems import Refused
    from .writing import CannotWrite

    codes: dict[type[Exception], int] = {Refused: 2, CannotWrite: 3, Busy: 4}
    code = next((code for kind, code in codes.items() if isinstance(error, kind)), None)
    if isinstance(error, OSError) and code is None:
        code = 3 if error.errno in OUTPUT_ERRORS else 2
    if code is None:
        raise error
    click.echo(str(error), err=True)
    return code
