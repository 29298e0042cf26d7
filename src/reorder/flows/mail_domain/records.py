"""What the DNS records of a domain that sends mail must say: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489), BIMI.

Pure: texts in, findings out; each says what is wrong and what to put there instead.
"""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

State = Literal["good", "soon", "now", "unknown"]
# A receiver follows ten names of an SPF record and then gives up (RFC 7208, 4.6.4).
MOST_LOOKUPS: Final = 10
# Terms of an SPF record that cost a look-up: those that name another name, and those that ask about the domain.
_TAKING_IN: Final = ("include:", "redirect=")
_NAMING: Final = (*_TAKING_IN, "exists:")
_ASKING: Final = ("a", "mx", "ptr")
_SHORT_KEY_BITS: Final = 1024
_GOOD_KEY_BITS: Final = 2048
# What providers ask to include, by a part of the server's name.
PROVIDER_INCLUDES: Final[Mapping[str, str]] = {
    "amazonses": "amazonses.com",
    "amazonaws": "amazonses.com",
    "sendgrid": "sendgrid.net",
    "mailgun": "mailgun.org",
    "postmark": "spf.mtasv.net",
    "brevo": "spf.brevo.com",
    "google": "_spf.google.com",
    "gmail": "_spf.google.com",
    "outlook": "spf.protection.outlook.com",
    "office365": "spf.protection.outlook.com",
    "sparkpost": "sparkpostmail.com",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One record looked at: what was found (`said`, an English template) and what to change (`advice`, likewise).

    `record` is the name in DNS, `value` the text that should stand there.
    """

    kind: str
    state: State
    record: str
    said: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    found: str = ""
    advice: str = ""
    value: str = ""


SAID_TEMPLATES: Final[Mapping[str, str]] = {
    "unanswered": "The name server gave no answer.",
    "no_domain": "Mail comes from {domain}, which no receiver knows.",
    "spf_none": "There is no SPF record: receivers cannot tell who may send for you.",
    "spf_many": "There are {count} SPF records; receivers then heed none.",
    "spf_everybody": "It lets everybody send for you (+all).",
    "spf_no_end": "It ends without saying what to do with other senders.",
    "spf_deep": "It makes receivers look up {count} names; after {most} they give up.",
    "spf_misses": "{include} is missing, by which your mail goes out.",
    "spf_good": "Receivers know who may send for you.",
    "dkim_none": "No DKIM key was found under the names that were tried: {selectors}.",
    "dkim_withdrawn": "The key of {selector} was withdrawn.",
    "dkim_unreadable": "The key of {selector} cannot be read.",
    "dkim_short": "The key of {selector} has {bits} bits only.",
    "dkim_good": "The key of {selector} is in place.",
    "dmarc_none": "There is no DMARC record; Gmail and Yahoo ask for one from senders of many mails.",
    "dmarc_many": "There are {count} DMARC records; receivers then heed none.",
    "dmarc_no_policy": "It has no policy that receivers know.",
    "dmarc_watches": "It watches only: mails that others send in your name still arrive (p=none).",
    "dmarc_part": "Only {percent} % of mails are judged by it.",
    "dmarc_good": "Receivers turn away what others send in your name.",
    "mx_none": "Answers to your mails arrive nowhere: the domain has no mail server (MX).",
    "mx_good": "Answers to your mails arrive.",
    "bimi_good": "A logo may stand beside your mails (BIMI).",
    "bimi_later": "No logo stands beside your mails (BIMI); that needs DMARC with quarantine or reject first.",
    "bimi_none": "No logo stands beside your mails (BIMI).",
}
ADVICE_TEMPLATES: Final[Mapping[str, str]] = {
    "name_sender": "Let REORDER_MAIL_FROM be an address of a domain of yours.",
    "ask_later": "Ask again later, or ask who runs your domain.",
    "add": "Add this record, with what your provider asks for.",
    "keep_one": "Keep one record and put all of it there.",
    "end_it": "End the record with ~all or -all.",
    "take_out": "Take out includes that nobody sends by any more.",
    "put_before_end": "Put the include before the end of the record.",
    "get_key": "Take the name and the key from your provider, and write the selector below.",
    "new_key": "Make a new key of 2,048 bits at your provider.",
    "add_dmarc": "Add this record; reports come to the address in it.",
    "tighten": "When the reports show nothing of yours that fails, write p=quarantine.",
    "whole": "Write pct=100 or leave it out.",
    "have_server": "Let the domain have a mail server, or write from one that has.",
    "logo": "Optional: a square SVG of your logo under this name.",
}


def no_domain(*, domain: str) -> Finding:
    """Nothing can be asked of a name that is none of the Internet's."""
    return _finding({"kind": "spf", "record": domain}, "now", "no_domain", advice="name_sender", domain=domain)


def judge_spf(*, domain: str, texts: Sequence[str] | None, lookups_count: int, include: str) -> Finding:
    """The SPF record; `lookups_count` names that it makes receivers look up, `include` what the way out asks for."""
    if texts is None:
        return _unanswered("spf", domain)
    found = [text for text in texts if text.lower().split(" ")[0] == "v=spf1"]
    proposed = f"v=spf1 include:{include} ~all" if include else "v=spf1 mx ~all"
    if not found:
        return Finding(
            kind="spf",
            state="now",
            record=domain,
            said=SAID_TEMPLATES["spf_none"],
            advice=ADVICE_TEMPLATES["add"],
            value=proposed,
        )
    record, terms = found[0], found[0].lower().split()[1:]
    given = {"kind": "spf", "record": domain, "found": "\n".join(found)}
    if len(found) > 1:
        return _finding(given, "now", "spf_many", advice="keep_one", count=len(found))
    if "+all" in terms or "all" in terms:
        return _finding(given, "now", "spf_everybody", advice="end_it")
    if lookups_count > MOST_LOOKUPS:
        return _finding(given, "now", "spf_deep", advice="take_out", count=lookups_count, most=MOST_LOOKUPS)
    if include and f"include:{include}" not in terms:
        value = re.sub(r"(\s[~?-]all)?\s*$", rf" include:{include}\1", record, count=1)
        return _finding(given, "now", "spf_misses", advice="put_before_end", value=value, include=include)
    if not any(term.endswith("all") or term.startswith("redirect=") for term in terms):
        return _finding(given, "soon", "spf_no_end", advice="end_it", value=f"{record} ~all")
    return _finding(given, "good", "spf_good")


def judge_dkim(*, domain: str, keys: Mapping[str, Sequence[str] | None]) -> list[Finding]:
    """Keys by selector, as far as any stands there; one finding for each, or that there is none."""
    found = [(selector, texts) for selector, texts in keys.items() if texts]
    if not found and any(texts is None for texts in keys.values()):
        return [_unanswered("dkim", f"_domainkey.{domain}")]
    if not found:
        given = {"kind": "dkim", "record": f"selector._domainkey.{domain}"}
        return [
            _finding(
                given, "now", "dkim_none", advice="get_key", value="v=DKIM1; k=rsa; p=…", selectors=", ".join(keys)
            )
        ]
    return [_judge_key(domain=domain, selector=selector, text="".join(texts)) for selector, texts in found]


def judge_dmarc(*, domain: str, record_domain: str, texts: Sequence[str] | None) -> Finding:
    """The DMARC record, found at the domain or one above it (`record_domain`)."""
    name = f"_dmarc.{record_domain}"
    if texts is None:
        return _unanswered("dmarc", name)
    found = [text for text in texts if text.lower().replace(" ", "").startswith("v=dmarc1")]
    proposed = f"v=DMARC1; p=none; rua=mailto:dmarc@{domain}"
    if not found:
        given = {"kind": "dmarc", "record": f"_dmarc.{domain}"}
        return _finding(given, "now", "dmarc_none", advice="add_dmarc", value=proposed)
    given = {"kind": "dmarc", "record": name, "found": "\n".join(found)}
    if len(found) > 1:
        return _finding(given, "now", "dmarc_many", advice="keep_one", count=len(found))
    tags = tags_of(found[0])
    policy = tags.get("p", "")
    if policy not in {"none", "quarantine", "reject"}:
        return _finding(given, "now", "dmarc_no_policy", advice="add_dmarc", value=proposed)
    if policy == "none":
        return _finding(
            given, "soon", "dmarc_watches", advice="tighten", value=found[0].replace("p=none", "p=quarantine")
        )
    if tags.get("pct", "100") != "100":
        return _finding(given, "soon", "dmarc_part", advice="whole", percent=tags["pct"])
    return _finding(given, "good", "dmarc_good")


def judge_answers(*, domain: str, servers: Sequence[str] | None) -> Finding:
    """Whether somebody who answers a mail reaches anybody."""
    given = {"kind": "mx", "record": domain, "found": ", ".join(servers or ())}
    if servers is None:
        return _unanswered("mx", domain)
    return _finding(given, "good", "mx_good") if servers else _finding(given, "soon", "mx_none", advice="have_server")


def judge_bimi(*, domain: str, texts: Sequence[str] | None, is_enforced: bool) -> Finding:
    """A logo beside the sender's name; nothing that mail needs."""
    given = {"kind": "bimi", "record": f"default._bimi.{domain}", "found": "\n".join(texts or ())}
    if texts and any(text.lower().startswith("v=bimi1") for text in texts):
        return _finding(given, "good", "bimi_good")
    if not is_enforced:
        return _finding(given, "unknown", "bimi_later")
    return _finding(given, "unknown", "bimi_none", advice="logo", value=f"v=BIMI1; l=https://{domain}/logo.svg")


def tags_of(text: str) -> dict[str, str]:
    """`name=value` pairs of a record, names in lower case."""
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs if name.strip()}


def names_to_look_up(text: str) -> tuple[int, list[str]]:
    """How many names an SPF record makes receivers look up itself, and the records that it takes in."""
    terms = [term.lstrip("+-~?") for term in text.lower().split()[1:]]
    costly = [term for term in terms if term.startswith(_NAMING) or re.split(r"[:/]", term)[0] in _ASKING]
    taken = [term for term in costly if term.startswith(_TAKING_IN)]
    return len(costly), [re.split(r"[:=]", term, maxsplit=1)[1] for term in taken]


def include_of(*, server: str) -> str:
    """What an SPF record must include for mail that goes out by this server; empty where nobody knows."""
    return next((include for part, include in PROVIDER_INCLUDES.items() if part in server.lower()), "")


def _judge_key(*, domain: str, selector: str, text: str) -> Finding:
    given = {"kind": "dkim", "record": f"{selector}._domainkey.{domain}", "found": text[:120]}
    tags = tags_of(text)
    if not tags.get("p"):
        return _finding(given, "now", "dkim_withdrawn", advice="new_key", selector=selector)
    if tags.get("k", "rsa") == "ed25519":
        return _finding(given, "good", "dkim_good", selector=selector)
    try:
        key = load_der_public_key(base64.b64decode("".join(tags["p"].split()), validate=True))
    except (ValueError, binascii.Error, UnsupportedAlgorithm):
        return _finding(given, "now", "dkim_unreadable", advice="new_key", selector=selector)
    bits = key.key_size if isinstance(key, RSAPublicKey) else _GOOD_KEY_BITS
    if bits < _GOOD_KEY_BITS:
        state: State = "now" if bits < _SHORT_KEY_BITS else "soon"
        return _finding(given, state, "dkim_short", advice="new_key", selector=selector, bits=bits)
    return _finding(given, "good", "dkim_good", selector=selector)


def _unanswered(kind: str, record: str) -> Finding:
    return Finding(
        kind=kind,
        state="unknown",
        record=record,
        said=SAID_TEMPLATES["unanswered"],
        advice=ADVICE_TEMPLATES["ask_later"],
    )


def _finding(
    given: Mapping[str, str],
    state: State,
    said: str,
    *,
    advice: str = "",
    value: str = "",
    **parameters: object,
) -> Finding:
    return Finding(
        kind=given["kind"],
        record=given["record"],
        found=given.get("found", ""),
        state=state,
        said=SAID_TEMPLATES[said],
        advice=ADVICE_TEMPLATES[advice] if advice else "",
        value=value,
        parameters=parameters,
    )
