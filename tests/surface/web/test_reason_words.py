"""A reason in the reader's language: days, lists and units are written as that language writes them."""

from django.utils import translation

from reorder.web.templatetags.reorder import in_a_row, listed, reason

PLANNED = {"product": "烏龍茶", "gap_days": 24, "hit_percent": 53, "remind_date": "2026-11-30", "last_bought_date": "2026-11-06"}  # fmt: skip


def test_days_of_a_reason_are_written_as_the_reader_writes_them() -> None:
    with translation.override("zh-hant"):
        assert (
            reason("reminder.planned", PLANNED)
            == "烏龍茶：平常每 24 天購買一次，上次為 2026年11月6日；在 2026年11月30日前後 3 天內購買的機率為 53%。"
        )
    with translation.override("en"):
        assert "last on 2026-11-06; 53% likely within 3 days of 2026-11-30." in reason("reminder.planned", PLANNED)


def test_units_of_ten_and_more_have_no_decimals_and_small_ones_keep_theirs() -> None:
    parameters = {"position": "2.5", "reorder_point": "17", "units": "1250", "reached": "1252.5"}
    with translation.override("en"):
        assert (
            reason("stocking.order.up_to_level", parameters)
            == "Stock position 2.5 is at or below the reorder point 17; 1,250 units lift it to 1,252."
        )


def test_methods_are_listed_as_the_language_lists_and_what_is_no_day_stays() -> None:
    parameters = {"demand_class": "smooth", "methods": "croston, theta", "pool": 5, "windows": 3}
    with translation.override("zh-hant"):
        assert "Croston、Theta" in reason("demand.best_by_backtest", parameters)
        assert listed(["週一", "週四"]) == "週一、週四"
        assert "2026-13-99" in reason("reminder.bought_since", {"bought_date": "2026-13-99"})
    with translation.override("en"):
        assert listed(["Monday", "Thursday"]) == "Monday, Thursday"


def test_chinese_sentences_follow_each_other_without_a_gap() -> None:
    with translation.override("zh-hant"):
        assert in_a_row("已收貨。", "", "全數到齊。") == "已收貨。全數到齊。"
    with translation.override("en"):
        assert in_a_row("Received.", "All is here.") == "Received. All is here."
