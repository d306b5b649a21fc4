"""Every word of a page comes from the catalogue: none stands in code, and in a made-up language none is left over.

The made-up language has all messages and labels in Armenian letters, and numbers, months and lists as in Russian. What
is then still in plain letters was never looked up, but for what is no word of a page: names and titles from files.
"""

import ast
import copy
import io
import pickle
import re
import string
from collections.abc import Iterator
from functools import cache
from html import unescape
from pathlib import Path
from unittest import mock

import nbformat
import pandas as pd
import pytest
from babel.messages.pofile import read_po, write_po

from builders import gather, known_on, shipped
from tradebalance import __version__
from tradebalance.answers.model import model
from tradebalance.answers.sensitivity import tornado
from tradebalance.api import Case
from tradebalance.assumptions.baseline import METHODS, STATED
from tradebalance.assumptions.delivery import PROFILES
from tradebalance.facts import trade
from tradebalance.pages import delivery_scenario, say, show, svg, trade_gap, wording
from tradebalance.pages.chart import Chart
from tradebalance.pages.records import as_json
from tradebalance.report import rendering
from tradebalance.report.rendering import Page
from tradebalance.words import terms
from tradebalance.words.citations import cite
from tradebalance.words.phrase import Phrase

PAGES = Path(say.__file__).parent
NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("0*.ipynb"))
LETTERS = re.compile("[A-Za-z]+")


# --- no word stands in code -----------------------------------------------------------------------

WORDS = re.compile(r"[A-Za-z]{2,}[,:]? [A-Za-z(“]|^[A-Z][a-z]+$|^ [a-z]{2,}|\b[a-z]{2,} $")
# what pages hand to matplotlib and to commands, which is no word of theirs
TERMS = {"offset points", "axes fraction", "DejaVu Sans", "no tariff", "quarters of", "Row"}
# keys of JSON, elements of drawings; refusals and hints of a notebook
APART = {"records.py", "pledge_records.py", "svg.py", "show.py"}


def words_in(code: str) -> list[str]:
    """The strings of a module that are words for a reader, but for docstrings, errors and labels."""
    tree, left_out = ast.parse(code), set()
    for node in ast.walk(tree):
        first = node.body[0] if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) else None
        inner = ast.walk(node) if isinstance(node, ast.Raise) else [first.value] if isinstance(first, ast.Expr) else []
        left_out |= {id(each) for each in inner}
    strings = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    found = [node.value for node in strings if id(node) not in left_out]
    return [each for each in found if WORDS.search(each) and each not in TERMS | labels()]


@cache
def labels() -> set[str]:
    """The labels of the catalogue."""
    keys = (key for key in say.catalogue()._catalog if isinstance(key, str))
    return {key.partition("\x04")[2] for key in keys if key.startswith(f"{say.LABEL}\x04")}


@pytest.mark.parametrize("module", sorted({path.name for path in PAGES.glob("*.py")} - APART))
def test_no_words_of_a_page_stand_in_its_code(module):
    assert words_in((PAGES / module).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "code",
    [
        'columns = {"Dollars, bn": str}',
        'head = f"Surplus to {last}"',
        'cell = f"{low} to {high}"',
        'x = "Exports"[1:] or "Dollars"',
    ],
)
def test_words_in_code_are_found(code):
    assert words_in(code)


@pytest.mark.parametrize("template", [*PAGES.parent.glob("report/templates/**/*.j2")], ids=lambda path: path.name)
def test_no_word_stands_in_a_template(template):
    text = re.sub(r"\{[{%#].*?[}%#]\}", "", template.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert LETTERS.findall(re.sub(r"<[^>]*>", "", text)) == []
    assert not re.findall(r'(?:alt|aria-label|title|placeholder)="[^"]', text)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_words_of_a_notebook_are_labels(notebook):
    """Its headings and the lines that open its folds, but for what JupyterLab alone shows; code says nothing else."""
    for cell in nbformat.read(notebook, as_version=4).cells:
        if cell.cell_type == "markdown":
            assert cell.source in labels() or "lab_only" in cell.metadata.tags
        elif "parameters" not in cell.metadata.get("tags", []):
            calls = (node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Call))
            folds = [call.args[0].value for call in calls if getattr(call.func, "id", "") == "fold"]
            assert {*folds, *words_in(cell.source)} <= labels()


def test_no_label_is_left_over():
    """Each stands as a string in the package or in a notebook, or is made of what is there."""
    sources = [path.read_text(encoding="utf-8") for path in PAGES.parent.rglob("*.py")]
    trees = [ast.parse(source) for source in sources]
    used = {node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    used |= {(ast.get_docstring(tree) or "").partition("\n")[0] for tree in trees}
    for notebook in NOTEBOOKS:
        for cell in nbformat.read(notebook, as_version=4).cells:
            nodes = ast.walk(ast.parse(cell.source)) if cell.cell_type == "code" else ()
            used |= {cell.source, *(node.value for node in nodes if isinstance(node, ast.Constant))}
    used |= {*map(terms.country_name, COUNTRIES), *map(terms.figures_name, terms.BOOKS), *terms.CATEGORY_WORDS.values()}
    used |= {f"short of target, {side} the base year" for side in ("above", "below")}
    used |= {f"{name.capitalize()}, bn" for name in ("announced", "credited", "delivered", "additional")}
    assert labels() - used - IN_FILES == set()


COUNTRIES = [alpha3 for _, alpha3 in terms.CENSUS_COUNTRIES.values()]
IN_FILES = {"documented", "inferred", "probable", "possible", "Category", "Deal", "Exports", "Imports", "Gap"} | {
    "goods", "manufactured", "agriculture",
}  # fmt: skip


def test_what_lower_rooms_name_has_its_label():
    named = [*map(terms.country_name, COUNTRIES), *terms.BOOKS.values(), *terms.CATEGORY_WORDS.values()]
    named += [words for method in METHODS.values() for words in (method.short, method.words)]
    named += [words for method in STATED.values() for words in (method.short, method.words)]
    named += [profile.words for profile in PROFILES.values()]
    named += [*terms.Strength, *terms.Confidence, *terms.Origin]
    assert {*map(str, named)} <= labels()
    for words in named:
        assert say.label(str(words)) == words


# --- a made-up language ---------------------------------------------------------------------------

OTHER = str.maketrans(
    {letter: chr(first + at) for first, case in ((0x531, string.ascii_uppercase), (0x561, string.ascii_lowercase))
     for at, letter in enumerate(case)}
)  # fmt: skip


def made_up(text: str) -> str:
    """A message in Armenian letters, its placeholders as they are."""
    parts = string.Formatter().parse(text)
    fields = ((words.translate(OTHER), name, form and f":{form}") for words, name, form, _ in parts)
    return "".join(words if name is None else f"{words}{{{name}{form}}}" for words, name, form in fields)


@pytest.fixture(scope="module")
def translated():
    """The catalogue in the made-up language."""
    messages = read_po(io.BytesIO((PAGES / "messages" / "en.po").read_bytes()))
    for message in messages:
        if message.id:
            told = message.string or message.id
            message.string = made_up(told) if isinstance(told, str) else tuple(map(made_up, told))
    written = io.BytesIO()
    write_po(written, messages)
    with mock.patch.object(say.pkgutil, "get_data", return_value=written.getvalue()):
        return say.catalogue.__wrapped__("made up")


@pytest.fixture
def abroad(monkeypatch, translated) -> Iterator[None]:
    """Pages in the made-up language."""
    monkeypatch.setattr(say, "catalogue", lambda _: translated)
    monkeypatch.setattr(svg, "inside", lambda chart, narrow=False: f"<svg>{' '.join(drawn_words(chart, narrow))}</svg>")
    before = say.LANGUAGE.set("ru")
    yield
    say.LANGUAGE.reset(before)


def drawn_words(chart: Chart, narrow: bool) -> list[str]:
    """What is written in a drawing."""
    from matplotlib.text import Text

    return [text.get_text() for text in chart.figure(narrow).findobj(Text)]


def left_over(html: str, of_files: Iterator[str]) -> set[str]:
    """Words in plain letters that a reader sees, but for those of files."""
    seen = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    seen = " ".join(
        [re.sub(r"<[^>]*>", " ", seen), *re.findall(r'(?:alt|aria-label|title|description" content)="([^"]*)"', seen)]
    )
    seen = " ".join(unescape(seen).split())
    for words in sorted(filter(LETTERS.search, of_files), key=len, reverse=True):
        seen = seen.replace(" ".join(words.split()), "")
    return set(LETTERS.findall(seen))


def of_sources(sources) -> Iterator[str]:
    """Titles and details of what is cited."""
    for each in sources:
        yield from (str(each), *filter(None, (getattr(each, "title", ""), getattr(each, "detail", ""))))


def html_of(*shown: str | pd.DataFrame | Chart) -> str:
    return "".join(show.show(each)._repr_mimebundle_()["text/html"] for each in shown)


@pytest.fixture(scope="module")
def at_hand() -> Case:
    return Case(shipped())


def test_the_first_page_of_figures_has_no_word_of_its_own_left(abroad, at_hand):
    known, books, founding = known_on("USA"), at_hand.books(), at_hand.founding()
    shown = [
        trade_gap.headline(known),
        trade_gap.lead(known),
        trade_gap.four_quarter_sums_chart(known.history, known.reporter, known.figure_sources),
        trade_gap.recent_chart(known, known.figure_sources),
        wording.nowcast_words(known),
        trade_gap.trade_by_year_table(known.history, known.reporter),
        trade_gap.months_table(known),
        trade_gap.gaps_chart(books),
        trade_gap.mirror_lead(books),
        trade_gap.ratios_chart(books),
        trade_gap.revisions_lead(known),
        trade_gap.revised_years_table(known.revisions),
        trade_gap.revised_months_table(known.revisions),
        trade_gap.founding_lead(founding),
        trade_gap.founding_table(founding, known.citations),
        trade_gap.founding_rows_table(founding),
        trade_gap.conflicts_lead(books),
        trade_gap.conflicts_table(books),
        trade_gap.how_to_read(known),
        wording.inputs_table(known.files),
    ]
    cells = [cell for figure in founding for cell in figure.all_cells()]
    printed = books.pieces.system.fragments
    of_files = [
        "sha256", *known.files, *known.files.values(),
        *of_sources([*known.figure_sources, *books.sources]),
        *(words for c in cells for words in of_sources(cite(known.citations, [f"{c.file}:{c.row}"]))),
        *(words for cell in cells for words in (cell.printed_in or "", cell.place)),
        *(words for each in printed for words in (each.words, each.source, say.opening(each.subject))),
    ]  # fmt: skip
    assert left_over(html_of(*shown), of_files) == set()


def test_a_scenarios_page_has_no_word_of_its_own_left(abroad, drawn):
    swings = tornado(model(gather("even", draws=200)))
    shown = [
        delivery_scenario.headline(drawn),
        delivery_scenario.lead(drawn, None),
        delivery_scenario.bridge_chart(drawn),
        delivery_scenario.yearly_gap_chart(drawn),
        delivery_scenario.deals_table(drawn),
        delivery_scenario.deals_note(drawn),
        delivery_scenario.matters_chart(drawn, swings),
        delivery_scenario.matters_table(drawn, swings),
        delivery_scenario.others_chart(drawn),
        delivery_scenario.headline_table(drawn),
        delivery_scenario.chances_lead(drawn),
        delivery_scenario.probabilities_table(drawn),
        delivery_scenario.assumptions_table(drawn),
        delivery_scenario.duties_table(drawn),
        delivery_scenario.contributions_table(drawn),
        delivery_scenario.limits(drawn),
        wording.says(drawn),
        wording.assumed(drawn),
        wording.release(drawn.known),
        wording.colophon(drawn),
    ]
    used = [*drawn.assumptions, *drawn.settings]
    of_files = [
        __version__, "draws = 200", drawn.scenario.title, wording.plain_text(drawn.scenario.title),
        *of_sources(drawn.known.sources),
        *(words for each in used for words in (delivery_scenario.source_words(drawn, each.source), each.words)),
        *(words for leaf in drawn.known.leaves for words in (leaf.now.buyer, leaf.now.seller, leaf.now.description)),
    ]  # fmt: skip
    assert left_over(html_of(*shown), of_files) == set()


def test_the_index_has_no_word_of_its_own_left(abroad, drawn):
    record = {"headline": delivery_scenario.headline(drawn), **as_json(drawn)}
    facts = {key: value for key, value in record.items() if key != "scenario"}
    html = rendering.index([Page("04_delivery_scenario-even", record), Page("01_trade_gap", facts)], "even")
    of_files = [drawn.scenario.title, __version__, *of_sources(drawn.known.sources)]
    assert left_over(html, of_files) == set()


def test_a_word_that_was_not_looked_up_is_left_over(abroad):
    assert left_over(html_of("Exports are up"), []) == {"Exports", "are", "up"}
    assert left_over(html_of(pd.DataFrame({"Exports, bn": ["1"]})), []) == {"Exports", "bn"}
    assert left_over(html_of(pd.DataFrame({say.label("Exports, bn"): ["1"]})), []) == set()


def test_a_number_has_the_separators_of_the_language(abroad):
    assert say.billions(1_234_567.8, 2) == "1\u00a0234,57"
    assert say.Filler().format("{lag:.1f} {share:pct1} {n:,}", lag=0.25, share=0.5, n=1000) == "0,2 50,0 % 1\u00a0000"
    assert say.month(terms.month("2026-08")) == "август 2026\u202fг."
    assert say.listed(["a", "b", "c"]) == "a, b и c"
    assert say.period(terms.quarter("2026Q3")) == "2026\N{ARMENIAN CAPITAL LETTER JA}3"


def test_months_and_days_in_english_are_as_the_machine_would_write_them():
    for when in pd.period_range("2026-01", periods=12, freq="M"):
        assert (say.month(when), say.month(when, "yMMM")) == (f"{when:%B %Y}", f"{when:%b %Y}")
        assert say.day(when.start_time) == f"{when.start_time:%d %b %Y}"
    assert say.period(terms.quarter("2026Q3")) == "2026Q3"


def test_a_phrase_of_a_lower_room_is_english_text_that_a_page_says_in_its_own_words(abroad):
    inner = trade.release_words(terms.month("2026-08"), None)
    assert inner == "release of August 2026"
    assert say.phrase(inner).endswith(" август 2026\u202fг.")
    outer = Phrase("{a}, {b}", a=inner, b=Phrase("nobody knows"))
    assert outer == "release of August 2026, nobody knows"
    assert say.Filler().format("{words}", words=outer) == f"{say.phrase(inner)}, nobody knows"
    for copied in (pickle.loads(pickle.dumps(outer)), copy.deepcopy(outer)):
        assert (copied, copied.template, copied.values) == (outer, outer.template, outer.values)


def test_a_phrase_tells_the_whole_numbers_in_it_and_in_its_parts():
    inner = Phrase("{figures} figures of {at}", figures=30, at="May")
    assert Phrase("{first}, before {before}", first=2023, before=inner).counts() == {"figures": 30, "first": 2023}
    assert Phrase("nothing").counts() == {}


def test_a_label_that_is_not_in_the_catalogue_is_an_error_and_what_is_said_is_none():
    with pytest.raises(KeyError, match="no label 'Dollars, bn' in messages/en"):
        wording.table([], {"Dollars, bn": str})
    with pytest.raises(KeyError, match="no label 'More'"):
        show.fold("More", show.show("x"))
    said = say.say("page.of", part=1, whole=2)
    assert wording.table([1], {"Part": str, said: str}).columns[0] == "1 of 2"
