"""Reading cells that are words: trimmed texts, keys, yes or no, currencies, postcodes."""

import polars as pl

from reorder.connectors.base.refusals import Refusals

LONGEST_KEY = 200
_LONGEST_TEXT = 500
_YES = ["yes", "y", "true", "1", "t", "是", "同意", "訂閱"]
_NO = ["no", "n", "false", "0", "f", "否", "不同意", "未訂閱"]

# ISO 4217 codes of money in circulation.
_CODES = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF "
    "CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL "
    "HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD "
    "MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG "
    "QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD "
    "TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG"
)
CURRENCIES = frozenset(_CODES.split())


def read_text(*, values: pl.Series) -> pl.Series:
    """Trimmed, null where empty, cut to 500 characters (names; keys are refused instead of cut)."""
    trimmed = values.str.strip_chars()
    return trimmed.set(trimmed == "", None).str.head(_LONGEST_TEXT)


def read_key(*, values: pl.Series, column: str, refusals: Refusals) -> pl.Series:
    """A text that must be there and is kept whole: order id, SKU, place; refuses empty and overlong ones."""
    trimmed = values.str.strip_chars().fill_null("")
    refusals.refuse(where=trimmed == "", column=column, values=values, code="text.missing")
    overlong = trimmed.str.len_chars() > LONGEST_KEY
    refusals.refuse(where=overlong, column=column, values=values, code="text.too_long", detail=str(LONGEST_KEY))
    return trimmed


def read_yes_no(*, values: pl.Series) -> pl.Series:
    """True, false, or null for a cell that says neither."""
    word = values.str.strip_chars().str.to_lowercase()
    return word.replace_strict(
        [*_YES, *_NO], [True] * len(_YES) + [False] * len(_NO), default=None, return_dtype=pl.Boolean
    )


def read_choice(*, values: pl.Series, words: dict[str, str], column: str, refusals: Refusals) -> pl.Series:
    """The word that a cell stands for, null where empty; refuses a word that is not in `words`."""
    word = read_text(values=values).str.to_lowercase()
    known = word.replace_strict(list(words), list(words.values()), default=None, return_dtype=pl.String)
    expected = ", ".join(sorted(set(words.values())))
    refusals.refuse(
        where=word.is_not_null() & known.is_null(),
        column=column,
        values=values,
        code="choice.unknown",
        detail=expected,
    )
    return known


def read_currency(*, values: pl.Series, default: str, column: str, refusals: Refusals) -> pl.Series:
    """ISO 4217 codes, `default` where empty; refuses unknown ones."""
    code = values.str.strip_chars().str.to_uppercase()
    code = code.set((code == "") | code.is_null(), default).replace({"NT$": "TWD", "NTD": "TWD", "RMB": "CNY"})
    known = code.is_in(list(CURRENCIES))
    refusals.refuse(where=~known, column=column, values=values, code="currency.unknown")
    return code.set(~known, default)


def read_postcode(*, values: pl.Series) -> pl.Series:
    """Postcodes without the apostrophe that some exports put before them to please spreadsheets."""
    return read_text(values=values.str.strip_chars().str.strip_chars_start("'")).str.head(20)


def read_country(*, values: pl.Series) -> pl.Series:
    """Two-letter country codes, null for anything else."""
    code = values.str.strip_chars().str.to_uppercase()
    return code.set(~code.str.contains(r"^[A-Z]{2}$").fill_null(value=False), None)


def read_language(*, values: pl.Series) -> pl.Series:
    """Language tags such as en or zh-hant in lower case, null for anything else; the Chinese of Taiwan is zh-hant."""
    tag = values.str.strip_chars().str.to_lowercase().str.replace_all("_", "-", literal=True)
    tag = tag.replace({"zh-tw": "zh-hant", "zh-hk": "zh-hant", "zh-hant-tw": "zh-hant"})
    return tag.set(~tag.str.contains(r"^[a-z]{2}(-[a-z]{2,4})?$").fill_null(value=False), None)


def read_email(*, values: pl.Series) -> pl.Series:
    """Addresses in lower case, null where the cell is empty or no address; never refused, an order needs none."""
    address = values.str.strip_chars().str.to_lowercase()
    return address.set(~address.str.contains(r"^[^@\s<>]{1,64}@[^@\s<>]{1,190}$").fill_null(value=False), None)


def customer_key(*, own_id: str | None, email: str | None, order_key: str, id_prefix: str) -> str:
    """`customer_keys` for one order, where making columns would cost more than the rule."""
    own = (own_id or "").strip()
    address = (email or "").strip().lower()
    guest = f"{id_prefix}order:{order_key}"
    return (address or guest if own in {"", "0"} else id_prefix + own)[:LONGEST_KEY]


def customer_keys(*, ids: pl.Series | None, emails: pl.Series, order_keys: pl.Series, id_prefix: str) -> pl.Series:
    """Who bought: the shop's own id, else the e-mail address, else a key of the one order of an unknown guest."""
    address = emails.str.strip_chars().str.to_lowercase()
    guest = f"{id_prefix}order:" + order_keys
    key = address.set(address == "", None).fill_null(guest)
    if ids is not None:
        own = ids.str.strip_chars()
        key = (id_prefix + own.set((own == "") | (own == "0"), None)).fill_null(key)
    return key.str.head(LONGEST_KEY)
