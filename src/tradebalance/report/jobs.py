"""Which pages a report has: one notebook with its parameters each, and the pages that it leads to."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from ..assumptions.scenario import ScenarioSpec
from ..case import folder, inputs
from ..case.folder import Folder
from ..pages.say import say
from ..words.problems import Problem, attempt, refuse, together
from . import kernels

TRACK_NOTEBOOK, LIVE_NOTEBOOK = "07_track_record", "08_live_pledges"
COMPARISON_NOTEBOOK = "05_compare_schedules"
BASELINE_NOTEBOOK = "03_baseline"
SCENARIO_NOTEBOOK = "04_delivery_scenario"
UNCERTAINTY_NOTEBOOK = "06_uncertainty"
OF_SCENARIOS = {COMPARISON_NOTEBOOK, SCENARIO_NOTEBOOK, UNCERTAINTY_NOTEBOOK}
TYPES = {"str": str, "int": int, "float": float, "bool": bool}
LONGEST_END = 80  # signs of a page's name after its notebook's; file systems take 255 bytes in all


@dataclass(frozen=True)
class Job:
    """One notebook with its parameters, the name of its page, what on its book it is of, the scenario whose answer it
    shows beside its own, and the pages that it leads to: words and address."""

    notebook: str
    page: str
    parameters: Mapping[str, object]
    of: str = ""
    beside: str = ""
    links: tuple[tuple[str, str], ...] = ()

    @property
    def scenarios(self) -> list[str]:
        """The names of the scenarios that the page shows."""
        named = " ".join(str(self.parameters.get(key, "")) for key in ("scenario", "scenarios")).split()
        return list(dict.fromkeys([*named, *([self.beside] if self.beside else [])]))


def fact_notebooks(where: Folder) -> list[str]:
    """The numbered notebooks that are of no scenario: one page each."""
    return sorted({path.stem for path in where.notebooks.glob("[0-9]*.ipynb")} - OF_SCENARIOS)


def jobs(
    where: Folder, scenarios: Sequence[str], case_folder: str, books: Sequence[str] = (), only: str = ""
) -> list[Job]:
    """On each of the books, by default all of the case, the partner's first: the comparison, the projection without
    deals, the scenario notebook for each scenario that can stand there, and the one on uncertainty for the central one;
    and each fact notebook once; of all these, those whose notebook begins with `only`.

    Pages of another book than the partner's end in its name, and a comparison of some of the scenarios in theirs: the
    page of all is not overwritten. Links lead to pages of the whole case. Raises Refused for unknown names.
    """
    wanted = list(dict.fromkeys(scenarios)) or inputs.names(where)
    case = _Case(where, _specs(where, wanted), inputs.central(where), {"case": str(where.root)} if case_folder else {})
    about = folder.declared(where)
    held = sorted(about.books, key=lambda book: book != about.partner)
    whole = [job for book in held for job in _on_book(case, list(case.specs), book)]
    found = [*(job for book in books or held for job in _on_book(case, wanted, book)), *_of_facts(case)]
    links = _links(case, [*whole, *(job for job in found if job.page not in {each.page for each in whole})])
    return _only([replace(job, links=links.get(job.page, ())) for job in found], only)


@dataclass(frozen=True)
class _Case:
    """A case as its pages need it: its scenarios, the central one, and what each notebook is told of where it is."""

    where: Folder
    specs: Mapping[str, ScenarioSpec]
    central: str
    own: Mapping[str, object]


def _specs(where: Folder, wanted: Sequence[str]) -> dict[str, ScenarioSpec]:
    """The case's scenarios by name. Raises Refused with every problem of those that are wanted; others that will not
    do are left out."""
    read = {name: partial(inputs.read_scenario, where, name) for name in dict.fromkeys([*wanted, *inputs.names(where)])}
    found = dict(zip(wanted, together(read[name] for name in wanted), strict=True))
    found |= {name: one for name, call in read.items() if name not in found and (one := attempt(call)[0])}
    return {name: found[name][0] for name in sorted(found)}


def _only(found: list[Job], only: str) -> list[Job]:
    """Those whose notebook's name begins so. Raises Refused where there is none."""
    kept = [job for job in found if job.notebook.startswith(only)]
    if not kept:
        fix = f"use one of {', '.join(sorted({job.notebook for job in found}))}"
        refuse("unknown_key", "--only", "no page of this report is of such a notebook", fix, value=only)
    return kept


def _of_facts(case: _Case) -> list[Job]:
    """A job for each notebook that is of no book; some are told of the central scenario."""
    lean = {"02_commitments": "scenario", TRACK_NOTEBOOK: "scenario", "09_changes": "scenarios"}
    names = [name for name in fact_notebooks(case.where) if name != BASELINE_NOTEBOOK]
    return [Job(name, name, {**({lean[name]: case.central} if name in lean else {}), **case.own}) for name in names]


def _on_book(case: _Case, wanted: Sequence[str], book: str) -> list[Job]:
    """The jobs of one book; books do not mix on a page."""
    end = "" if book == folder.declared(case.where).partner else f"-{book}"
    every = [name for name, one in case.specs.items() if inputs.can_stand_on(one, book)]
    names, on = [name for name in every if name in wanted], {"reporter": book, **case.own}
    some = "" if names == every else _some(names)
    of_each = [(SCENARIO_NOTEBOOK, name) for name in names]
    of_each += [(UNCERTAINTY_NOTEBOOK, name) for name in names if name == case.central]
    compared = Job(
        COMPARISON_NOTEBOOK,
        f"{COMPARISON_NOTEBOOK}{some}{end}",
        {"scenarios": " ".join(names), **on},
        some,
        case.central,
    )
    return [
        *([compared] if names else []),
        Job(BASELINE_NOTEBOOK, f"{BASELINE_NOTEBOOK}{end}", on),
        *(
            Job(notebook, f"{notebook}-{name}{end}", {"scenario": name, **on}, name, case.central)
            for notebook, name in of_each
        ),
    ]


def _some(names: Sequence[str]) -> str:
    """The end of the name of a page on some of a case's scenarios."""
    end = "-".join(names)
    return f"-{end}" if len(end) <= LONGEST_END else f"-{hashlib.sha256(end.encode()).hexdigest()[:12]}"


def _links(case: _Case, found: Sequence[Job]) -> dict[str, tuple[tuple[str, str], ...]]:
    """Where each page leads: to the same page on another book, and a scenario's to those before and after it."""
    return {job.page: (*_to_twins(job, found), *_to_neighbours(case, job, found)) for job in found}


def _to_twins(job: Job, found: Sequence[Job]) -> Iterator[tuple[str, str]]:
    for each in found:
        if each is not job and "reporter" in job.parameters and (each.notebook, each.of) == (job.notebook, job.of):
            yield say("page.other_book", reporter=each.parameters["reporter"]), f"{each.page}.html"


def _to_neighbours(case: _Case, job: Job, found: Sequence[Job]) -> Iterator[tuple[str, str]]:
    if job.notebook != SCENARIO_NOTEBOOK:
        return
    book = job.parameters["reporter"]
    row = [each for each in found if each.notebook == job.notebook and each.parameters["reporter"] == book]
    at = row.index(job)
    for key, pages in {"page.before": row[at - 1 : at] if at else [], "page.next": row[at + 1 : at + 2]}.items():
        for page in pages:
            yield say(key, title=case.specs[page.of].title), f"{page.page}.html"


def check_parameters(job: Job, notebook: Any) -> list[Problem]:
    """What papermill would let pass: names that the notebook does not declare, and values of another type."""
    declared = kernels.declared(notebook)
    problems, file = [], f"notebooks/{job.notebook}.ipynb"
    for name, value in job.parameters.items():
        if name not in declared:
            fix = f"use {', '.join(declared)}" if declared else "add a cell of parameters with that tag"
            problems.append(Problem("unknown_key", file, "no such parameter", fix, None, name, str(value)))
        elif type(value) is not TYPES.get(kind := declared[name]["inferred_type_name"]):
            reason = f"the notebook declares {kind}"
            problems.append(Problem("wrong_type", file, reason, "give that type", None, name, repr(value)))
    return problems
