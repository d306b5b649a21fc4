"""The commands. Exit codes: 0 ok, 1 something failed, 2 bad input, 3 cannot write, 4 folder held, 130 interrupted.

Only click is imported at the top, so that a command's help does not wait for pandas.
"""

import errno
import io
import json
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import click


def found_case(_context: click.Context, _option: click.Parameter, named: str) -> Any:
    """The case that `--case` names, or the one at hand. Raises Refused where there is none."""
    from .case import folder

    return folder.case(named)


CASE = "A folder with data/raw and scenarios, or a name under cases; default: the one at hand."
case_option = click.option("--case", "where", default="", callback=found_case, help=CASE)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
as_of_option = click.option("--as-of", metavar="YYYY-MM", help="What was known at the end of that month.")


def answer_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What a user may change in a scenario, of which case, and how the answer is printed."""
    for option in (
        json_option,
        case_option,
        click.option("--reporter", help="Whose book: USA, VNM, or another of the case."),
        as_of_option,
        click.option("--draws", type=int, help="Number of draws."),
        click.option("--seed", type=int, help="Start of the random numbers."),
        click.option(
            "--set", "changes", multiple=True, metavar="KEY=VALUE", help="A scenario key or an assumption's path."
        ),
    ):
        command = option(command)
    return command


def month(option: str, text: str | None) -> Any:
    """A month like 2026-08 of `--as-of`, `--from`, `--to` and so on; None where nothing is said."""
    from .words import terms

    try:
        return text and terms.month(text)
    except ValueError as error:
        hint = {"old": "--from", "new": "--to", "last": "YYYY-MM"}.get(option, f"--{option.replace('_', '-')}")
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
    from .reading import readers
    from .words.problems import Refused

    found = {}
    for change in changes:
        key, equals, text = change.partition("=")
        if not key or not equals or not text.strip():
            message = f"{change!r} is not KEY=VALUE, as in additionality.aircraft=0.5"
            raise click.BadParameter(message, param_hint="--set")
        document = readers.yaml_document(text.encode(), f"--set {key}")
        if document.problems:
            raise Refused(replace(problem, row=None) for problem in document.problems)
        found[key] = document.data
    return found


OUTPUT_ERRORS = {errno.ENOSPC, errno.EPIPE, errno.EROFS, errno.EDQUOT}


class Commands(click.Group):
    """A group that names the nearest command to one it does not know."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from .words.schema import nearest

            raise click.UsageError(f"{error.message.rstrip('.')}{nearest(args[0], list(self.commands))}", ctx) from None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tradebalance")
def cli() -> None:
    """How much of Vietnam's goods surplus with the United States would the announced purchases close?"""


@cli.command()
@click.option("--raw", type=click.Path(path_type=Path), help="Read from this folder instead of data/raw.")
@click.option("--out", type=click.Path(path_type=Path), help="Write to this folder instead of data/processed.")
@case_option
def build(raw: Path | None, out: Path | None, where: Any) -> None:
    """Check data/raw and rebuild data/processed; all problems in one report."""
    from .case import store

    _warn(store.build(where, raw, out))
    for line in store.contents(out or where.processed):
        _echo(line)


@cli.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def init(folder: Path) -> None:
    """Lay out the shipped cases in DIR: data, scenarios and notebooks to work on."""
    from .case.folder import lay_out

    for case in lay_out(folder):
        _echo(f"{case}: a case; run the commands there, such as `tradebalance report`")


@cli.command()
@click.argument("source", type=click.Choice(["us-census", "vietnam-customs"]))
@click.argument("last", metavar="[YYYY-MM]", required=False)
@click.option("--url", default="", help="The file's address; of us-census by default the publisher's.")
@click.option("--vintage", metavar="YYYY-MM", help="The release; default: when figures to the last month are due.")
@case_option
def fetch(source: str, last: str | None, url: str, vintage: str | None, where: Any) -> int:
    """Download a publisher's file into a new release of data/raw, with its sidecar.

    YYYY-MM is the month that the file has to end with. The file is read before it is kept, and a release that is there
    stays as it is.
    """
    from .case import fetch as fetching

    if source == "vietnam-customs" and not (last and url):
        raise click.UsageError("vietnam-customs takes the bulletin's month and --url, which follows from no rule")
    try:
        path, is_new = fetching.fetch(where, source, url, month("last", last), month("vintage", vintage))
    except fetching.Unreachable as error:
        _echo(str(error), err=True)
        return 1
    _echo(f"{path}: {'new, for `tradebalance build`' if is_new else 'there already, the same; nothing changed'}")
    return 0


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
def check(paths: tuple[Path, ...], kind: str | None, changes: tuple[str, ...], where: Any, as_json: bool) -> int:
    """Validate files of figures, ledgers or scenarios without building."""
    from .reading import options
    from .report import check as checking

    try:
        reports = checking.check(paths, kind, where, settings(changes))
    except (checking.CannotTell, options.Unknown) as error:
        raise click.UsageError(str(error)) from None
    if as_json:
        _print_json({"files": reports})
    else:
        for report in reports:
            _print_check(report)
    return 0 if all(report["ok"] for report in reports) else 2


@cli.command("list")
@click.argument("what", required=False, type=click.Choice(["scenarios", "assumptions", "cases"]))
@case_option
@json_option
def list_(what: str | None, where: Any, as_json: bool) -> None:
    """What can be named: scenarios, what --set takes with values and sources, cases."""
    from .report import listing

    found = listing.listing(where, what)
    _print(as_json, lambda: found, lambda: listing.as_text(found))


@cli.command()
@click.argument("scenario")
@answer_options
def run(scenario: str, as_json: bool, **options: Any) -> None:
    """One scenario's answer."""
    from .pages import delivery_scenario, records, wording

    result = _solve(scenario, options)
    rise = _rise(options["where"], result)
    if as_json:
        _print_json(records.as_json(result, rise))
        return
    most = f"\n\n{wording.at_most(rise)}" if rise else ""
    _echo(f"{wording.says(result)}\n\n{wording.stock_against_flow(result)}{most}\n")
    shown = [
        delivery_scenario.headline_table(result),
        delivery_scenario.bridge_table(result),
        delivery_scenario.contributions_table(result),
        delivery_scenario.contributions_table(result, "deal"),
        delivery_scenario.probabilities_table(result),
    ]
    assumed = wording.unmarked(wording.assumed(result))
    _echo("\n\n".join([*(table.to_string() for table in shown if len(table)), assumed]))


@cli.command()
@click.argument("scenarios", nargs=-1, required=True)
@answer_options
@click.option("--attribute", is_flag=True, help="Tell the change of the gap from the first to the last scenario apart.")
@click.option("--since", metavar="YYYY-MM", help="With --attribute: the first scenario as known then.")
def compare(scenarios: tuple[str, ...], as_json: bool, attribute: bool, since: str | None, **options: Any) -> None:
    """Scenarios side by side, each under every baseline."""
    from .answers import comparison
    from .case import inputs
    from .pages import compare_schedules, records

    if since and not attribute:
        raise click.UsageError("--since goes with --attribute")
    if attribute and not since and len(scenarios) < 2:
        raise click.UsageError("--attribute needs two scenarios, or one and --since")
    inputs.check_names(options["where"], scenarios)
    results = [_solve(name, options) for name in scenarios]
    spans = {}
    if attribute:
        old = _solve(scenarios[0], {**options, "as_of": since}) if since else results[0]
        spans = comparison.spans(old, results[-1])
    if as_json:
        told = {"attribution": records.attribution_as_json(spans)} if spans else {}
        found = [records.as_json(result, _rise(options["where"], result)) for result in results]
        _print_json({"scenarios": found, **records.compared_as_json(results), **told})
        return
    of_each = (compare_schedules.compare_table, compare_schedules.parts_table)
    tables = [of(results, compare_schedules.name_of) for of in of_each] + [compare_schedules.decisions_table(results)]
    tables += [compare_schedules.attribution_table(spans)] if spans else []
    _echo("\n\n".join(table.to_string() for table in tables))


@cli.command()
@click.argument("scenario")
@click.option("--close", required=True, metavar="SHARE", help="Share of today's gap to close a year: 0.05 or '5 %'.")
@click.option("--by", required=True, metavar="YYYYQn", help="The quarter to reach it by.")
@click.option("--confidence", default="0.5", show_default=True, metavar="P", help="Part of the draws that has to.")
@answer_options
def goal(scenario: str, close: str, by: str, confidence: str, as_json: bool, **options: Any) -> None:
    """What it would take to close a share of today's gap by a quarter, or why nothing would."""
    from .answers import model, unused
    from .answers.goal import Goal, seek
    from .pages import records, uncertainty
    from .words import terms

    try:
        when = terms.quarter(by)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--by") from None
    aim = Goal(share(close, "--close"), when, share(confidence, "--confidence"))
    of = model.model(_gathered(scenario, options))
    _warn(_of_options(unused.unused(of), options))
    sought = seek(of, aim)
    reasons = "\n".join(uncertainty.goal_reasons(sought))
    text = f"{uncertainty.goal_finding(sought)}\n\n{uncertainty.goal_table(sought).to_string()}\n\n{reasons}"
    _print(as_json, lambda: records.goal_as_json(sought, of), lambda: text)


@cli.command()
@click.argument("scenarios", nargs=-1)
@click.option("--reporter", default="", metavar="ISO3", help="Only pages on this book; by default on all of the case.")
@click.option("--jobs", default=2, show_default=True, type=click.IntRange(1, 64), help="Notebooks at a time.")
@click.option("--limit", default=30.0, show_default=True, type=click.FloatRange(0, min_open=True), metavar="MINUTES",
              help="How long a notebook may run; the slowest takes about one.")  # fmt: skip
@click.option("--only", default="", metavar="NN", help="Only pages of notebooks whose name begins so: 01, 04_delivery.")
@click.option("--out", type=click.Path(path_type=Path), help="Write to this folder instead of reports.")
@click.option("--fresh", is_flag=True, help="Render every page, also those proven done.")
@click.option("--case", "case_folder", default="", help=CASE)
def report(
    scenarios: tuple[str, ...],
    reporter: str,
    jobs: int,
    limit: float,
    only: str,
    out: Path | None,
    fresh: bool,
    case_folder: str,
) -> int:
    """Run the notebooks and render their pages and an index; SCENARIOS default to all.

    Pages that are proven done stay. Of some scenarios, a page that compares them has a name of its own.
    """
    from .case import folder, writing
    from .report import batch, pages_folder

    where = folder.case(case_folder)
    if out and out.resolve() != where.reports.resolve():
        writing.refuse_others(out, *pages_folder.MARKS)
    held = folder.declared(where).books
    if reporter and reporter not in held:
        raise click.BadParameter(f"not a book of this case; use {' or '.join(held)}", param_hint="--reporter")
    books, tell = (reporter,) if reporter else (), partial(_echo, err=True)
    pages = batch.report(
        where, scenarios, books=books, only=only, out=out, workers=jobs, limit=limit, fresh=fresh,
        case_folder=case_folder, tell=tell,
    )  # fmt: skip
    _echo(str((out or where.reports) / "index.html"))
    return 0 if all(page.record for page in pages) else 1


@cli.command()
@click.argument("document", metavar="SWEEP.yaml", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The folder that results go to.")
@click.option(
    "--jobs", metavar="N", type=click.IntRange(1, 1024), help="Processes on this machine; default: one a core."
)
@click.option("--scheduler", metavar="ADDRESS", default="", help="Solve on the workers of this Dask scheduler.")
@click.option("--scheduler-file", type=click.Path(path_type=Path), help="The file that the scheduler wrote of itself.")
@click.option(
    "--wait",
    metavar="SECONDS",
    default=60.0,
    show_default=True,
    type=click.FloatRange(1),
    help="How long to wait for a scheduler or for workers.",
)
@case_option
def sweep(
    document: Path, out: Path, jobs: int | None, scheduler: str, scheduler_file: Path | None, wait: float, where: Any
) -> int:
    """A grid or list of scenarios, books, months and assumptions, on this machine or a Dask cluster.

    A second call with the same folder solves what is missing only.
    """
    from .report import executors
    from .report import sweep as sweeping

    if sum(map(bool, (jobs, scheduler, scheduler_file))) > 1:
        raise click.UsageError("give one of --jobs, --scheduler and --scheduler-file")
    here = partial(executors.processes, jobs or executors.cores())
    crew = partial(executors.cluster, scheduler, scheduler_file, wait) if scheduler or scheduler_file else here
    try:
        failed = sweeping.sweep(where, document, out, crew, partial(click.echo, err=True))
    except executors.Stopped as stopped:
        click.echo(str(stopped), err=True)
        return 1
    for name, reason in failed.items():
        click.echo(f"{name}: {reason}", err=True)
    click.echo(str(out / "sweep.html"))
    return 1 if failed else 0


@cli.command()
@case_option
@json_option
def score(where: Any, as_json: bool) -> None:
    """How kept forecasts did against figures and events published since."""
    from .case import forecasts
    from .pages import kept_forecasts as page

    found = forecasts.scores(where)
    milestones = page.milestones_table(found["milestones"]["each"])
    tables = page.forecasts_table(found), page.scores_table(found), milestones
    text = "\n\n".join([page.forecasts_lead(found), *(each.to_string() for each in tables if len(each))])
    _print(as_json, lambda: found, lambda: text)


@cli.command()
@click.argument("column")
@click.argument("period", default="")
@click.option("--scenario", help="Trace a figure of this scenario's answer.")
@answer_options
def trace(column: str, period: str, scenario: str | None, as_json: bool, **options: Any) -> None:
    """From a figure to its raw rows and the publisher's address.

    COLUMN is a column of a report or of `run --json`: gap_usd_mn, mirror_ratio_exports, announced_usd_mn, or with
    --scenario credited_usd_mn, a step of the bridge, annual_rate and so on; or the id of a deal or tranche.
    imports_of_KIND_usd_mn is of goods by kind or category of the ledger, such as cotton or aircraft.
    PERIOD is 2025, 2025Q1 or 2025-03; of announced or arrived sums a tranche, deal or stage; of a scenario's
    sums a deal, category, year or quarter. What has no period takes none.
    """
    from .case import store
    from .trace import ask, chain

    where = options["where"]
    if scenario:
        found = ask.trace_answer_of(where, store.facts(where), _solve(scenario, options), column, period)
    else:
        if options["draws"] is not None or options["seed"] is not None or options["changes"]:
            raise click.UsageError("--draws, --seed and --set go with --scenario")
        at = month("as_of", options["as_of"])
        found = ask.trace(store.facts(where), column, period, options["reporter"] or "", at, where)
    _print(as_json, lambda: chain.as_json(found), lambda: chain.as_text(found))


@cli.command("changes")
@click.option("--reporter", metavar="ISO3", help="Whose book; default: the partner's.")
@click.option("--from", "old", metavar="YYYY-MM", help="The older release; default: the one before.")
@click.option("--to", "new", metavar="YYYY-MM", help="The newer release; default: the newest.")
@click.option(
    "--scenario", "scenarios", multiple=True, help="Whose headlines to tell; may be repeated; default: the central."
)
@case_option
@json_option
def changes_(where: Any, as_json: bool, scenarios: tuple[str, ...], **said: str | None) -> None:
    """Print what a release added and revised, and what that did to each headline."""
    from . import api
    from .pages import changes, records
    from .words.problems import refuse

    months = {key: str(month(key, said[key]) or "") for key in ("old", "new")}
    case = api.load(where.root)
    found = case.changes(said["reporter"] or "", **months, scenarios=scenarios or [case.central])
    if found is None:
        refuse("empty", "data/processed", "no two releases by month are at hand", "add one, and build")
    tables = [
        changes.headlines_table(found),
        changes.added_table(found),
        changes.revised_table(found),
    ]
    text = [changes.headline(found), *(each.to_string() for each in tables if len(each))]
    _print(as_json, lambda: records.changes_as_json(found), lambda: "\n\n".join(text))


@cli.command("nowcast")
@click.option("--reporter", metavar="ISO3", help="Whose book; default: the partner's.")
@as_of_option
@case_option
@json_option
def nowcast_(reporter: str | None, as_of: str | None, where: Any, as_json: bool) -> None:
    """Print the running quarter, put together from its published months."""
    from .assumptions import nowcast
    from .case import asof, store
    from .pages import records, wording
    from .words.problems import refuse

    known = asof.known(reporter or store.facts(where).pair.partner, month("as_of", as_of), case=where)
    found = nowcast.running(known)
    if found is None:
        reason = f"of {known.first} no month is published, or too few quarters before it tell an error"
        refuse("empty", "nowcast", reason, "use another month or book", column="as_of", value=str(known.as_of))
    _print(as_json, lambda: records.nowcast_as_json(known, found), lambda: wording.nowcast_line(known, found))


@cli.command()
@click.argument("name")
@click.option("--reporter", metavar="ISO3", help="Whose book.")
@as_of_option
@click.option(
    "--from",
    "old",
    metavar="YYYY-MM",
    help="The older release, for revisions; default: the one before; `first`: what was first published of each month.",
)
@click.option("--to", "new", metavar="YYYY-MM", help="The newer release, for revisions; default: the newest.")
@click.option(
    "--by",
    type=click.Choice(["year", "quarter", "month", "year-to-date"]),
    help="Length of the periods; year-to-date is of goods.",
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to this new .csv or .xlsx file.")
@case_option
@json_option
def table(name: str, out: Path | None, where: Any, as_json: bool, **said: str | None) -> None:
    """Print or export a table: flows, mirror, revisions, residuals, goods, leaves or ledger.

    Exported texts that look like formulas are made harmless, and read back equal.
    """
    from .case import writing
    from .report import extracts

    if out and out.suffix.casefold() not in (".csv", ".xlsx"):
        raise click.BadParameter("a table is written as .csv or .xlsx", param_hint="--out")
    since_first = said["old"] == "first"
    said["old"] = None if since_first else said["old"]
    months = {key: month(key, said[key]) for key in ("as_of", "old", "new")}
    asked = extracts.Asked(said["reporter"], by=said["by"], since_first=since_first or None, **months)
    found = extracts.extract(name, where, asked)
    if out and out.suffix.casefold() == ".xlsx":
        writing.write_new(out, found.as_xlsx())
    elif out:
        writing.write_new(out, found.as_csv().encode())
    _print(as_json, found.as_json, lambda: f"{out}: {len(found.rows)} rows" if out else found.as_text())


@cli.command()
@as_of_option
@click.option(
    "--path", type=click.Choice(["linear", "seasonal"]), help="How a year's target is spread over its months."
)
@case_option
@json_option
def track(as_of: str | None, path: str | None, where: Any, as_json: bool) -> None:
    """Outturn against the committed path: what was bought by a month, and what should have been.

    Without --case: US exports to Vietnam over 2024, an upper bound on what the deals added. `--case phase-one`: the
    replay of what China agreed to buy of the United States in 2020. `tradebalance pledges` sets the live ones side by
    side.
    """
    from .case import track_inputs
    from .pages import pledge_records, track_record

    found = track_inputs.gather(where, month("as_of", as_of), path)
    _print(as_json, lambda: pledge_records.outturn_as_json(found), lambda: track_record.as_text(found))


@cli.command()
@as_of_option
@case_option
@json_option
def pledges(as_of: str | None, where: Any, as_json: bool) -> None:
    """The live pledges of all cases side by side: announced, dated, due by now, and what can have come on top."""
    from .case import track_inputs
    from .pages import live_pledges, pledge_records

    found = track_inputs.live(where, month("as_of", as_of))
    _print(as_json, lambda: pledge_records.pledges_as_json(found), lambda: live_pledges.as_text(found))


def _solve(scenario: str, options: Mapping[str, Any]) -> Any:
    from .answers import answer

    with _told_of_options(options):
        result = answer.solve(_gathered(scenario, options))
    _warn(_of_options(result.warnings, options))
    return result


def _rise(where: Any, result: Any) -> Any:
    """By how much the case's trade rose since its totals, as known in an answer's month; None where it follows none."""
    from .case import track_inputs

    return track_inputs.rise_of(where, result.scenario.as_of)


def _gathered(scenario: str, options: Mapping[str, Any]) -> Any:
    from .assumptions.scenario import SETTINGS
    from .case import inputs

    named = {name: options[name] for name in SETTINGS}
    with _told_of_options(options):
        return inputs.gather(scenario, case=options["where"], changes=settings(options["changes"]), **named)


@contextmanager
def _told_of_options(options: Mapping[str, Any]) -> Iterator[None]:
    """What is refused inside for a change is told of the option that made it."""
    from .words.problems import Refused

    try:
        yield
    except Refused as refusal:
        raise Refused(_of_options(refusal.problems, options)) from None


def _of_options(problems: Iterable[Any], options: Mapping[str, Any]) -> list[Any]:
    """Problems with what was changed, told of the option that changed it."""
    from .assumptions.scenario import SETTINGS
    from .words.problems import CHANGES

    named = {key: f"--{key.replace('_', '-')}" for key in SETTINGS if options[key] is not None}
    told = {key: {"file": option, "column": None} for key, option in named.items()}
    return [replace(p, **told.get(p.column, {"file": "--set"})) if p.file == CHANGES else p for p in problems]


def _echo(text: str, *, err: bool = False) -> None:
    """Print a text: the one way to a terminal, which shows what stands in it and obeys none of it."""
    from .words.plain import shown

    click.echo(shown(text), err=err)


def _warn(problems: Any) -> None:
    from .words.problems import report

    if problems:
        _echo(report(problems), err=True)


def _print_json(data: object) -> None:
    _echo(json.dumps(data, indent=1, ensure_ascii=False))


def _print(as_json: bool, data: Callable[[], object], text: Callable[[], str]) -> None:
    if as_json:
        _print_json(data())
    else:
        _echo(text())


def _print_check(report: Mapping[str, Any]) -> None:
    from .words.problems import Problem

    _echo(f"{report['file']}: {'ok' if report['ok'] else 'refused'} ({report['kind']})")
    for problem in report["problems"]:
        _echo(str(Problem(file=report["file"], **problem)), err=True)
    if report["problems_not_shown"]:
        _echo(f"... and {report['problems_not_shown']} more", err=True)


def main() -> NoReturn:
    """The console script: run a command and turn what went wrong into one message and an exit code."""
    _in_utf8()
    _end_in_order()
    try:
        code = cli.main(prog_name="tradebalance", standalone_mode=False)
    except click.ClickException as error:
        told = io.StringIO()
        error.show(told)
        _echo(told.getvalue().rstrip("\n"), err=True)
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        _echo("interrupted", err=True)
        code = 130
    except Exception as error:
        code = _failure(error)
    sys.exit(code if isinstance(code, int) else 0)


def _in_utf8() -> None:
    """Begin again in UTF-8 mode where the locale cannot name every file: a folder may be named in Vietnamese."""
    if sys.getfilesystemencoding() != "utf-8" and os.environ.get("PYTHONUTF8") != "1":
        os.environ["PYTHONUTF8"] = "1"
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def _end_in_order() -> None:
    """Let what asks for an end be one as by Ctrl-C, with the exit code of the signal: kernels stop, and what is
    unfinished goes. A hang-up that is ignored, as by nohup, stays ignored."""

    def end(number: int, _frame: object) -> NoReturn:
        raise SystemExit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, end)


def _failure(error: Exception) -> int:
    """The exit code of a failure that has a sentence; anything else is a defect and keeps its traceback."""
    from .case.writing import Busy, CannotWrite
    from .words.problems import Refused

    codes: dict[type[Exception], int] = {Refused: 2, CannotWrite: 3, Busy: 4}
    code = next((code for kind, code in codes.items() if isinstance(error, kind)), None)
    if isinstance(error, OSError) and code is None:
        code = 3 if error.errno in OUTPUT_ERRORS else 2
    if code is None:
        raise error
    _echo(str(error), err=True)
    return code
