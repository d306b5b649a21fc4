"""Write what the README shows of the answer: its sentences, docs/headline.json and docs/headline.svg.

`make first-page` runs it; a test fails when they no longer say what the answer says.
"""

import json
import re
from pathlib import Path

from tradebalance.answers.answer import Solution, solve
from tradebalance.answers.replay import Trial, trial
from tradebalance.case import inputs, writing
from tradebalance.pages import compare_schedules, delivery_scenario, show
from tradebalance.pages.records import as_json, trial_as_json

ROOT = Path(__file__).resolve().parents[1]
SENTENCE = re.compile(r"(?<=<!-- answer -->\n).*?(?=\n<!-- /answer -->)", re.DOTALL)
REPLAY = re.compile(r"(?<=<!-- replay -->\n).*?(?=\n<!-- /replay -->)", re.DOTALL)
REPLAYED = "2025-05"  # the month in which the totals were announced
# A baseline that holds, one that grows, and the one that the backtest chose: what the sentence calls them.
REPLAYED_WITH = {
    "hold": "the last year's level held",
    "seasonal_naive_drift": "yearly growth going on",
    "sarima": "the airline model",
}
KEYS = ["scenario", "reporter", "as_of", "known", "additional_usd_mn", "gap_last_four_quarters_usd_mn", "closure"]


def answers() -> tuple[Solution, Solution]:
    """The two answers that the first page holds against each other."""
    return solve(inputs.gather("even")), solve(inputs.gather("as_announced"))


def replayed(today: Solution) -> Trial:
    """The scenario of the answer as of the month of the announcement, against what was published since."""
    then = solve(inputs.gather(today.scenario.name, as_of=REPLAYED))
    return trial(then, today.known, list(REPLAYED_WITH))


def headline(result: Solution, found: Trial) -> str:
    """The figures that the sentences and the picture show, as JSON text."""
    whole = as_json(result)
    return json.dumps({**{key: whole[key] for key in KEYS}, "replay": trial_as_json(found)}, indent=1) + "\n"


def picture(result: Solution, data: str) -> str:
    """The picture as SVG, which carries the checksum of the figures it was drawn from."""
    drawing = show.svg(delivery_scenario.yearly_gap_chart(result), transparent=False)
    return drawing.replace("<svg ", f"<!-- drawn from {writing.sha256_of_text(data)} -->\n<svg ", 1)


if __name__ == "__main__":
    even, as_announced = answers()
    earlier = replayed(even)
    writing.write_text(ROOT / "docs" / "headline.json", headline(even, earlier))
    writing.write_text(ROOT / "docs" / "headline.svg", picture(even, headline(even, earlier)))
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    sentence = delivery_scenario.first_page(even, as_announced)
    page = SENTENCE.sub(lambda _: f"**{sentence}**", page)
    page = REPLAY.sub(lambda _: compare_schedules.replayed(earlier, REPLAYED_WITH), page)
    writing.write_text(ROOT / "README.md", page)
