"""Every marketing message says who writes, from where, and how to refuse, whatever its template forgot."""

import dataclasses
import email
import email.policy
from pathlib import Path

import pytest
from django.conf import LazySettings

from reorder.domain.messaging import operations
from reorder.domain.messaging.compliance import Policy, save_policy
from reorder.flows.consenting import Foot, add_foot
from reorder.flows.outbox import send_due_messages
from tests.factories.messaging import MORNING, NIGHT, letter, make_reader

FIRST = "This is our first message of this kind."
FOOT = Foot(
    way="https://tea.example/u/1.2:abc", refusal="Refuse: https://tea.example/u/1.2:abc", sender="Keelung Tea, 1 Tea St",
    first="First.", language="en", is_short=False,
)  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_a_mail_tells_where_it_comes_from_and_the_first_one_that_refusing_is_free(
    settings: LazySettings, tmp_path: Path
) -> None:
    settings.REORDER = dataclasses.replace(
        settings.REORDER,
        shop_name="Keelung Tea",
        public_url="https://tea.example",
        mail_url=f"folder:{tmp_path}",
        messages_per_week=9,
    )
    save_policy(policy=Policy(postal_address="1 Tea Street,\nKeelung"), decided_by="owner", moment=NIGHT)
    mei, ming = make_reader(), make_reader(key="ming", language="zh-TW")
    html = "<html><body><p>Tea</p></body></html>"
    drafts = [
        letter(number=1, customer=mei, body_html=html),
        letter(number=2, customer=ming),
        letter(number=3),
        letter(number=4, customer=mei, purpose="transactional"),
    ]
    operations.plan_messages(drafts=drafts)
    assert send_due_messages(moment=MORNING).sent_count == 4
    read = [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in tmp_path.glob("*.eml")]
    mails = {str(mail["Subject"]): mail for mail in read}
    text = mails["Letter 1"].get_body(("plain",)).get_content()
    page = mails["Letter 1"].get_body(("html",)).get_content()
    way = str(mails["Letter 1"]["List-Unsubscribe"]).split(">")[0].lstrip("<")
    for said in (text, page):
        assert FIRST in said
        assert way in said
        assert "Keelung Tea, 1 Tea Street, Keelung" in said
    assert page.index(way) < page.index("</body>")
    # To somebody else it is the first one as well, in their language once the catalogue has it.
    assert "/u/" in mails["Letter 2"].get_content()
    for number in (3, 4):
        assert "/u/" not in mails[f"Letter {number}"].get_content()

    # The next one is not the first.
    for file in tmp_path.glob("*.eml"):
        file.unlink()
    operations.plan_messages(drafts=[letter(number=5, customer=mei)])
    send_due_messages(moment=MORNING)
    [file] = tmp_path.glob("*.eml")
    again = email.message_from_bytes(file.read_bytes(), policy=email.policy.default).get_content()
    assert FIRST not in again
    assert "/u/" in again


@pytest.mark.parametrize(
    ("text", "html", "foot", "expected"),
    [
        ("Tea", "", FOOT, ("Tea\n\nFirst.\nRefuse: https://tea.example/u/1.2:abc\nKeelung Tea, 1 Tea St\n", "")),
        # What a template says is not said again, and what is empty stays empty.
        (
            "First. https://tea.example/u/1:old\n1 Tea St", "", FOOT,
            ("First. https://tea.example/u/1:old\n1 Tea St", ""),
        ),
        ("", "<p>Tea</p>", dataclasses.replace(FOOT, first="", sender=""), (
            "",
            f'<p>Tea</p><p style="font-size:12px;color:#666">Refuse: <a href="{FOOT.way}">{FOOT.way}</a></p>',
        )),
        # The word alone refuses nothing.
        (
            "To unsubscribe look here", "", dataclasses.replace(FOOT, first="", sender=""),
            ("To unsubscribe look here\n\nRefuse: https://tea.example/u/1.2:abc\n", ""),
        ),
        ("Reply with: unsubscribe 1:ab", "", dataclasses.replace(FOOT, first="", sender=""), (
            "Reply with: unsubscribe 1:ab", "",
        )),
        # A text message has room for the way out alone.
        ("Tea", "", dataclasses.replace(FOOT, is_short=True), ("Tea\n\nRefuse: https://tea.example/u/1.2:abc\n", "")),
    ],
)  # fmt: skip
def test_a_foot_is_added_once(text: str, html: str, foot: Foot, expected: tuple[str, str]) -> None:
    assert add_foot(text=text, html=html, foot=foot) == expected
