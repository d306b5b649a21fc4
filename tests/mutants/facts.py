"""Bugs that must not live: what was traded and announced, and when it was known."""

import dataclasses

from tests.answers import test_answer
from tests.facts import test_deal_terms, test_goods, test_ledger, test_trade
from tests.pages import test_commitments
from tests.whole import test_case, test_vintages
from tradebalance.answers.answer import solve
from tradebalance.case import asof, folder, inputs, store
from tradebalance.facts import deal_terms, goods, ledger, own_book, trade
from tradebalance.facts.goods import Goods
from tradebalance.words import terms
from tradebalance.words.terms import Role

split = ledger._split
observed = trade.observed
book = own_book.book
rows_of = Goods._rows


def remainder_is_the_whole(top, whole, by_root, at):
    found = split(top, whole, by_root, at)
    return [dataclasses.replace(x, value_usd_mn=whole.value_usd_mn) if x.is_remainder else x for x in found]


def gap_of_the_other_side(snapshot, reporter):
    return observed(snapshot, "VNM" if reporter == "USA" else "USA")


def fragments_of_any_date(pieces, table, reporter, partner, at=None, mirror_at=None, **kept):
    return book(pieces, table, reporter, partner, None, mirror_at, **kept)


def gap_of_vietnam_in_every_case(snapshot, reporter, home="VNM"):
    return observed(snapshot, reporter)


def told_by_rows(leaf):
    return terms.Stage.RESTATED if leaf.told > 1 else terms.Stage.SIGNED


def stage_sums():
    test_commitments.test_stages_add_up_to_the_announced_sum_exactly_with_every_part_once(asof.known("USA"))


def as_announced():
    test_answer.test_as_announced_delivers_every_announced_dollar(
        {"as_announced": solve(inputs.gather("as_announced"))}
    )


def stalled():
    test_answer.test_stalled_counts_only_named_signed_deals({"stalled": solve(inputs.gather("stalled", draws=10))})


def processed():
    return store.read_flows(folder.case().processed / "flows.csv")


def known_years():
    test_trade.test_the_gap_of_known_years_on_the_us_book(processed())


def cut_to_what_was_out():
    test_trade.test_without_a_fresh_vintage_the_newest_is_cut_to_what_was_out(processed())


def books_do_not_add_up():
    test_trade.test_the_two_books_of_one_trade_do_not_add_up(processed())


def a_month_and_its_quarter_overlap():
    test_trade.test_a_month_and_its_quarter_overlap(processed())


REPLAY = test_vintages.test_a_replay_uses_the_fragments_and_the_mirror_of_its_time_and_says_so


def only_what_is_mapped(self, flow, period, usd, ids):
    return (row for row in rows_of(self, flow, period, usd, ids) if row[2] != goods.NOT_MAPPED)


def never_revised(self, flow, own, cells):
    return own


def of_every_bulletin(self, at):
    return self


def not_mapped_is_lost():
    test_goods.test_a_line_that_is_not_in_the_table_is_named_and_counted_as_not_mapped()


def revised_by_line():
    test_goods.test_a_month_is_revised_line_by_line_by_the_next_years_to_date()


def no_later_bulletin():
    test_goods.test_a_replay_knows_no_later_bulletin(asof.goods_of())


def undisclosed_is_all_firm(row, found):
    return deal_terms.quantity(row.get("quantity", "")), None, False


def the_forty_of_sun_phuquoc():
    rows = {event.id: event for event in test_ledger.events(test_ledger.the_ledger())}
    test_deal_terms.test_nobody_says_how_many_of_the_forty_are_firm_and_all_fifty_of_vietnam_airlines_are(rows)


def told_last_whenever():
    test_deal_terms.test_what_comes_next_is_what_was_last_told_of_each_deal_by_then()


PLANTED = [
    ("options that nobody counted are firm", deal_terms, "_split", undisclosed_is_all_firm, the_forty_of_sun_phuquoc),
    ("a milestone told later is known before", ledger, "is_known", lambda *_: True, told_last_whenever),
    ("a commodity that is not mapped is lost", Goods, "_rows", only_what_is_mapped, not_mapped_is_lost),
    ("a line is never revised", Goods, "_revised", never_revised, revised_by_line),
    ("a replay takes bulletins that came later", Goods, "known", of_every_bulletin, no_later_bulletin),
    ("fragments printed later count in a replay", own_book, "book", fragments_of_any_date, REPLAY),
    ("sums take what they get", trade, "refuse_mixed", lambda _: None, books_do_not_add_up),
    ("sums do not see a month in its quarter", trade, "_overlaps", lambda _: [], a_month_and_its_quarter_overlap),
    ("gap is seen from the other side", trade, "observed", gap_of_the_other_side, known_years),
    (
        "gap is seen from the other side in another case",
        trade,
        "observed",
        gap_of_vietnam_in_every_case,
        test_case.test_seen_from_the_other_home_the_gap_changes_its_sign,
    ),
    ("publication lag is a month short", trade, "PUBLICATION_LAG_MONTHS", {"USA": 1}, cut_to_what_was_out),
    ("ledger's remainder is the whole tranche", ledger, "_split", remainder_is_the_whole, as_announced),
    ("ledger counts subsets as parts", ledger, "PART_ROLES", tuple(Role), stalled),
    ("an unnamed rest counts as a signed deal", ledger, "stage", told_by_rows, stage_sums),
]
