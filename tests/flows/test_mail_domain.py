"""What DNS says of the shop's domain, asked of a real name server over UDP."""

import base64
import dataclasses
import socketserver
import threading
from collections.abc import Iterator, Mapping

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import LazySettings

from reorder.domain.messaging.compliance import Policy
from reorder.flows.mail_domain import DomainCheck, NameServer, check_mail_domain, checking


@pytest.fixture
def records() -> dict[tuple[str, str], list[str]]:
    """What the name server knows, by name and kind; a test fills it in."""
    return {}


@pytest.fixture
def server(records: Mapping[tuple[str, str], list[str]]) -> Iterator[NameServer]:
    class Answering(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            data, socket = self.request
            asked = dns.message.from_wire(data)
            question = asked.question[0]
            name, kind = question.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(question.rdtype)
            answer = dns.message.make_response(asked)
            answer.flags |= dns.flags.RA
            found = records.get((name, kind))
            if found == ["SERVFAIL"]:
                answer.set_rcode(dns.rcode.SERVFAIL)
            elif found:
                answer.answer.append(dns.rrset.from_text_list(question.name, 60, "IN", kind, found))
            elif not any(known == name for known, _ in records):
                answer.set_rcode(dns.rcode.NXDOMAIN)
            socket.sendto(answer.to_wire(), self.client_address)

    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), Answering) as made:
        thread = threading.Thread(target=made.serve_forever, daemon=True)
        thread.start()
        yield NameServer(address="127.0.0.1", port=made.server_address[1])
        made.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def shop(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.REORDER = dataclasses.replace(
        settings.REORDER, mail_from="hello@news.tea.example", mail_url="smtp://smtp.sendgrid.net"
    )
    monkeypatch.setattr(checking, "get_policy", lambda: Policy(dkim_selectors=("tea",)))


def key_of(*, bits: int) -> str:
    public = rsa.generate_private_key(public_exponent=65537, key_size=bits).public_key()
    text = base64.b64encode(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
    # A record of more than 255 letters comes in parts.
    whole = f"v=DKIM1; k=rsa; p={text}"
    return " ".join(f'"{whole[start : start + 200]}"' for start in range(0, len(whole), 200))


def states(check: DomainCheck) -> dict[str, tuple[str, str]]:
    return {one.kind: (one.state, one.said.format(**one.parameters)) for one in check.findings}


def test_a_domain_that_is_set_up_is_believed(records: dict[tuple[str, str], list[str]], server: NameServer) -> None:
    records |= {
        ("news.tea.example", "TXT"): ['"google-site=1"', '"v=spf1 include:sendgrid.net -all"'],
        ("sendgrid.net", "TXT"): ['"v=spf1 ip4:192.0.2.0/24 ~all"'],
        ("tea._domainkey.news.tea.example", "TXT"): [key_of(bits=2048)],
        # The record of the domain above holds for the one below.
        ("_dmarc.tea.example", "TXT"): ['"v=DMARC1; p=reject; rua=mailto:dmarc@tea.example"'],
        ("news.tea.example", "MX"): ["10 mx.tea.example."],
        ("default._bimi.news.tea.example", "TXT"): ['"v=BIMI1; l=https://tea.example/logo.svg"'],
    }
    check = check_mail_domain(name_server=server)
    assert (check.domain, check.is_ready) == ("news.tea.example", True)
    assert {kind: state for kind, (state, _) in states(check).items()} == dict.fromkeys(
        ("spf", "dkim", "dmarc", "mx", "bimi"), "good"
    )


def test_nothing_there_says_what_to_put_there(server: NameServer) -> None:
    check = check_mail_domain(name_server=server)
    assert not check.is_ready
    by_kind = {one.kind: one for one in check.findings}
    assert by_kind["spf"].value == "v=spf1 include:sendgrid.net ~all"
    assert (by_kind["dmarc"].record, by_kind["dmarc"].value) == (
        "_dmarc.news.tea.example", "v=DMARC1; p=none; rua=mailto:dmarc@news.tea.example",
    )  # fmt: skip
    assert "tea, default" in by_kind["dkim"].said.format(**by_kind["dkim"].parameters)
    assert by_kind["mx"].state == "soon"


@pytest.mark.parametrize(
    ("given", "kind", "expected"),
    [
        ({("news.tea.example", "TXT"): ['"v=spf1 mx ~all"']}, "spf", ("now", "sendgrid.net is missing, by which your mail goes out.")),
        ({("news.tea.example", "TXT"): ['"v=spf1 mx ~all"', '"v=spf1 a ~all"']}, "spf", ("now", "There are 2 SPF records; receivers then heed none.")),
        ({("news.tea.example", "TXT"): ['"v=spf1 include:sendgrid.net +all"']}, "spf", ("now", "It lets everybody send for you (+all).")),
        ({("news.tea.example", "TXT"): ['"v=spf1 include:sendgrid.net"']}, "spf", ("soon", "It ends without saying what to do with other senders.")),
        (
            {
                ("news.tea.example", "TXT"): ['"v=spf1 include:sendgrid.net include:_a.example ~all"'],
                ("_a.example", "TXT"): ['"v=spf1 a mx ptr exists:x.example include:_b.example ~all"'],
                ("_b.example", "TXT"): ['"v=spf1 a:x.example mx/24 include:_a.example redirect=_c.example"'],
            },
            "spf", ("now", "It makes receivers look up 11 names; after 10 they give up."),
        ),
        ({("news.tea.example", "TXT"): ["SERVFAIL"]}, "spf", ("unknown", "The name server gave no answer.")),
        ({("tea._domainkey.news.tea.example", "TXT"): ['"v=DKIM1; p="']}, "dkim", ("now", "The key of tea was withdrawn.")),
        ({("tea._domainkey.news.tea.example", "TXT"): ['"v=DKIM1; p=%%%"']}, "dkim", ("now", "The key of tea cannot be read.")),
        ({("_dmarc.news.tea.example", "TXT"): ['"v=DMARC1; p=none"']}, "dmarc", ("soon", "It watches only: mails that others send in your name still arrive (p=none).")),
        ({("_dmarc.news.tea.example", "TXT"): ['"v=DMARC1; p=reject; pct=20"']}, "dmarc", ("soon", "Only 20 % of mails are judged by it.")),
        ({("_dmarc.news.tea.example", "TXT"): ['"v=DMARC1; p=maybe"']}, "dmarc", ("now", "It has no policy that receivers know.")),
        ({("news.tea.example", "MX"): ["0 ."]}, "mx", ("soon", "Answers to your mails arrive nowhere: the domain has no mail server (MX).")),
    ],
)  # fmt: skip
def test_each_fault_is_named(
    records: dict[tuple[str, str], list[str]],
    server: NameServer,
    given: dict[tuple[str, str], list[str]],
    kind: str,
    expected: tuple[str, str],
) -> None:
    records |= given
    assert states(check_mail_domain(name_server=server))[kind] == expected


def test_a_short_key_is_told(records: dict[tuple[str, str], list[str]], server: NameServer) -> None:
    records[("tea._domainkey.news.tea.example", "TXT")] = [key_of(bits=1024)]
    assert states(check_mail_domain(name_server=server))["dkim"] == ("soon", "The key of tea has 1024 bits only.")


def test_a_sender_without_a_domain_is_told_without_asking(settings: LazySettings) -> None:
    settings.REORDER = dataclasses.replace(settings.REORDER, mail_from="shop@localhost")
    check = check_mail_domain()
    assert (check.is_ready, states(check)) == (
        False, {"spf": ("now", "Mail comes from localhost, which no receiver knows.")},
    )  # fmt: skip
