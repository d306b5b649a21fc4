"""Write what the README shows of the answer: its sentences, its example, docs/headline.json and docs/headline.svg.

`make first-page` runs it; a test fails when they no longer say what the answer says.
"""

import doctest
import json
import re
from pathlib import Path

import pandas as pd

from tradebalance.answers.answer import Solution, solve
from tradebalance.answers.replay import Trial, trial
from tradebalance.assumptions.baseline import DEFAULT
from tradebalance.case import folder, inputs, writing
from tradebalance.pages import delivery_scenario, svg, wording
from tradebalance.pages.records import as_json, trial_as_json
from tradebalance.pages.say import banded, billions, ranged_share
from tradebalance.pages.wording import hindsight, years
from tradebalance.words.terms import book_name

ROOT = Path(__file__).resolve().parents[1]
SENTENCE = re.compile(r"(?<=<!-- answer -->\n).*?(?=\n<!-- /answer -->)", re.DOTALL)
REPLAY = re.compile(r"(?<=<!-- replay -->\n).*?(?=\n<!-- /replay -->)", re.DOTALL)
REPLAYED = "2025-05"  # the month in which the totals were announced
# The default, one that stands still, and a single model that grows: what the sentence calls them.
REPLAYED_WITH = {
    DEFAULT: "the mixture that scenarios stand on",
    "hold": "the last year's level held",
    "sarima": "the seasonal model",
}
KEYS = [
    "scenario", "reporter", "as_of", "known", "says", "timing", "years_of_delivery", "additional_usd_mn", "of_which",
    "gap_last_four_quarters_usd_mn", "twelve_months", "closure",
]  # fmt: skip
AT_WORD = "as_announced"  # the naive reading, which the first page holds against the answer


def answers() -> tuple[Solution, Solution]:
    """The two answers that the first page holds against each other: the central one, and every dollar at its word."""
    return solve(inputs.gather(inputs.central(folder.case()))), solve(inputs.gather(AT_WORD))


def replayed(today: Solution) -> Trial:
    """The scenario of the answer as of the month of the announcement, against what was published since."""
    then = solve(inputs.gather(today.scenario.name, as_of=REPLAYED))
    return trial(then, today.known, list(REPLAYED_WITH))


def sentences(central: Solution, at_word: Solution) -> str:
    """The first page's answer: what the central scenario says, its first sentence in bold, and the naive reading."""
    first, rest = wording.says(central).split(". ", 1)
    whole = ranged_share(at_word.annual_rate)
    return (
        f"**{first}.** {rest} Taken at their word, as goods within {years(at_word)}, the deals would be {whole} of the "
        f"${billions(at_word.gap_last_four)} billion of the four quarters to {at_word.known.last_four[-1]} in each of "
        "these years."
    )


def how_it_did(found: Trial) -> str:
    """How the answer of an earlier month did, under each baseline of REPLAYED_WITH."""
    parts = [
        f"${banded(row)} billion with {REPLAYED_WITH[str(method)]}, {_hits(row)}"
        for method, row in found.in_all.iterrows()
    ]
    then, quarters = found.answer.known.as_of, found.outturn.index
    deals = billions(found.answer.additional_by_quarter[quarters].sum())
    return (
        f"How it did: run as of {then:%B %Y}, the same model puts the gap of the {len(quarters)} quarters to "
        f"{quarters[-1]} on the {book_name(found.answer.scenario.reporter)}, with its 5 and 95 % points, at "
        f"{'; and at '.join(parts)}. The gap was ${billions(found.outturn.sum())} billion. The deals "
        f"move such a forecast by ${deals} billion. {hindsight(found.answer.hindsight, 'Nothing in it is hindsight.')}"
    )


def _hits(row: pd.Series) -> str:
    word = "hit" if row["is_inside"] else "missed"
    return f"{word}, with {row['quarters_inside']} of the {row['quarters']} quarters inside their ranges"


def headline(result: Solution, found: Trial) -> str:
    """The figures that the sentences and the picture show, as JSON text."""
    whole = as_json(result)
    return json.dumps({**{key: whole[key] for key in KEYS}, "replay": trial_as_json(found)}, indent=1) + "\n"


def picture(result: Solution, data: str) -> str:
    """The picture as SVG, which carries the checksum of the figures it was drawn from."""
    drawing = svg.whole(delivery_scenario.yearly_gap_chart(result))
    return drawing.replace("<svg ", f"<!-- drawn from {writing.sha256_of_text(data)} -->\n<svg ", 1)


class _Rerun(doctest.DocTestRunner):
    """Runs examples and keeps what each prints, whatever was expected."""

    printed: tuple[str, ...] = ()

    def report_success(self, *given: object) -> None:
        *_, got = given
        self.printed = (*self.printed, str(got))

    report_failure = report_success


def rerun(page: str) -> str:
    """The page with what its example prints now."""
    test, runner = doctest.DocTestParser().get_doctest(page, {}, "README.md", "README.md", 0), _Rerun()
    runner.run(test, out=lambda _: None)
    lines = page.splitlines(keepends=True)
    for example, got in reversed([*zip(test.examples, runner.printed, strict=True)]):
        first = example.lineno + example.source.count("\n")
        lines[first : first + example.want.count("\n")] = got.splitlines(keepends=True)
    return "".join(lines)


if __name__ == "__main__":
    central, at_word = answers()
    earlier = replayed(central)
    writing.write_text(ROOT / "docs" / "headline.json", headline(central, earlier))
    writing.write_text(ROOT / "docs" / "headline.svg", picture(central, headline(central, earlier)))
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    page = SENTENCE.sub(lambda _: sentences(central, at_word), page)
    page = REPLAY.sub(lambda _: how_it_did(earlier), page)
    writing.write_text(ROOT / "README.md", rerun(page))
