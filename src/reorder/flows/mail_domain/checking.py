"""Asks DNS what stands in the records of the domain that our mail comes from."""

import itertools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import dns.exception
import dns.resolver
from django.conf import settings

from reorder.domain.messaging.compliance import get_policy
from reorder.flows.mail_domain import records
from reorder.flows.mail_domain.records import Finding

_SECONDS: Final = 4.0
# What providers and mail servers call their keys when nobody chose a name.
USUAL_SELECTORS: Final = (
    "default",
    "mail",
    "dkim",
    "google",
    "selector1",
    "selector2",
    "s1",
    "s2",
    "k1",
    "pm",
    "brevo",
)
_DEEPEST: Final = 5


@dataclass(frozen=True, slots=True)
class NameServer:
    """Whom to ask; without one the system's own."""

    address: str
    port: int = 53


@dataclass(frozen=True, slots=True)
class DomainCheck:
    """What was found, in the order in which it should be mended."""

    domain: str
    findings: Sequence[Finding]

    @property
    def is_ready(self) -> bool:
        """Whether mail of this domain is believed: nothing has to be mended now."""
        return not any(one.state in {"now", "unknown"} for one in self.findings if one.kind != "bimi")


def check_mail_domain(*, domain: str = "", name_server: NameServer | None = None) -> DomainCheck:
    """Look at SPF, DKIM, DMARC, MX and BIMI of a domain; empty: that of REORDER_MAIL_FROM.

    Each question waits four seconds at most; what is not answered is said to be unknown, never wrong. A sender without
    a domain (localhost) is told at once.
    """
    asked = (domain or settings.REORDER.mail_from.rpartition("@")[2]).strip().lower().rstrip(".")
    if "." not in asked:
        return DomainCheck(domain=asked, findings=[records.no_domain(domain=asked)])
    asker = _Asker(name_server)
    selectors = dict.fromkeys([*get_policy().dkim_selectors, *USUAL_SELECTORS])
    keys = asker.many_texts([f"{one}._domainkey.{asked}" for one in selectors])
    spf_texts = asker.texts(asked)
    dmarc_domain, dmarc_texts = _dmarc(asker, asked)
    dmarc = records.judge_dmarc(domain=asked, record_domain=dmarc_domain, texts=dmarc_texts)
    findings = [
        records.judge_spf(
            domain=asked,
            texts=spf_texts,
            lookups_count=_count_lookups(asker, spf_texts),
            include=records.include_of(server=urlsplit(settings.REORDER.mail_url).hostname or ""),
        ),
        *records.judge_dkim(domain=asked, keys=dict(zip(selectors, keys, strict=True))),
        dmarc,
        records.judge_answers(domain=asked, servers=asker.mail_servers(asked)),
        records.judge_bimi(
            domain=asked, texts=asker.texts(f"default._bimi.{asked}"), is_enforced=dmarc.state == "good"
        ),
    ]
    return DomainCheck(domain=asked, findings=findings)


class _Asker:
    """A resolver that says None where nobody answered, and nothing where nothing stands."""

    def __init__(self, name_server: NameServer | None) -> None:
        try:
            self._resolver = dns.resolver.Resolver(configure=name_server is None)
        except dns.resolver.NoResolverConfiguration:
            # A machine that knows no name server answers nothing.
            self._resolver = dns.resolver.Resolver(configure=False)
        self._resolver.lifetime = self._resolver.timeout = _SECONDS
        if name_server is not None:
            self._resolver.nameservers = [name_server.address]
            self._resolver.port = name_server.port

    def texts(self, name: str) -> list[str] | None:
        """TXT records of a name, the parts of each joined."""
        answer = self._ask(name, "TXT")
        if answer is None:
            return None
        return [b"".join(row.strings).decode("utf-8", "replace") for row in answer]

    def many_texts(self, names: Sequence[str]) -> list[list[str] | None]:
        """The same of several names, asked together: a server that says nothing costs its four seconds once."""
        with ThreadPoolExecutor(max_workers=len(names)) as pool:
            return list(pool.map(self.texts, names))

    def mail_servers(self, domain: str) -> list[str] | None:
        """MX records of a domain; one that takes no mail (RFC 7505) has none."""
        answer = self._ask(domain, "MX")
        if answer is None:
            return None
        return [name for row in answer if (name := str(row.exchange).rstrip("."))]

    def _ask(self, name: str, kind: str) -> list[Any] | None:
        try:
            return list(self._resolver.resolve(name, kind, search=False))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, ValueError, OSError):
            return None


def _dmarc(asker: _Asker, domain: str) -> tuple[str, list[str] | None]:
    """The record of the domain itself, else that of the nearest domain above it that has one."""
    parts = domain.split(".")
    asked = [".".join(parts[place:]) for place in range(max(len(parts) - 1, 1))]
    found: list[str] | None = []
    for name in asked:
        found = asker.texts(f"_dmarc.{name}")
        if found is None or any(text.lower().startswith("v=dmarc1") for text in found):
            return name, found
    return domain, found


def _count_lookups(asker: _Asker, texts: Sequence[str] | None) -> int:
    """Names that an SPF record and those it takes in make a receiver look up; counting stops past the limit."""
    waiting = [(text, 0) for text in texts or () if text.lower().startswith("v=spf1")][:1]
    count = 0
    seen: set[str] = set()
    while waiting and count <= records.MOST_LOOKUPS:
        text, depth = waiting.pop()
        own, inner = records.names_to_look_up(text)
        count += own
        fresh = [name for name in inner if name not in seen and depth < _DEEPEST]
        seen.update(fresh)
        found = itertools.chain.from_iterable(asker.texts(name) or () for name in fresh)
        waiting += [(one, depth + 1) for one in found if one.lower().startswith("v=spf1")]
    return count
