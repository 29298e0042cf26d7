"""Mail leaves as promised, and every way in which a server can fail is told apart."""

import socket
from pathlib import Path

import pytest

from reorder.domain.messaging.channels import MailNotReady, Outgoing, Result, channel_of
from reorder.domain.messaging.rules import DraftAttachment
from tests.factories.smtp import smtp_peer


def mail(*, address: str = "mei@example.org", number: int = 1, **changes: object) -> Outgoing:
    values: dict[str, object] = {
        "message_id": f"<letter-{number}@tea.example>",
        "sender": "hello@tea.example",
        "sender_name": "Keelung Tea",
        "address": address,
        "subject": "喝完了嗎?",
        "text": "美玲 您好:\n.A line that begins with a dot.\n",
        "html": "<p>美玲 您好</p>",
        "dated": "Sun, 22 Nov 2026 02:00:00 +0000",
    }
    return Outgoing(**(values | changes))  # type: ignore[arg-type]


def test_a_mail_arrives_whole(tmp_path: Path) -> None:
    with smtp_peer() as peer, channel_of(mail_url=peer.url, home=tmp_path) as channel:
        outcome = channel.send(
            outgoing=mail(headers={"List-Unsubscribe": "<mailto:hello@tea.example?subject=unsubscribe%2012>"})
        )

    assert outcome.result is Result.DELIVERED
    arrived = peer.arrived[0]
    assert arrived["Message-ID"] == "<letter-1@tea.example>"
    assert arrived["From"] == "Keelung Tea <hello@tea.example>"
    assert arrived["Subject"] == "喝完了嗎?"
    assert arrived["List-Unsubscribe"] == "<mailto:hello@tea.example?subject=unsubscribe%2012>"
    text = arrived.get_body(("plain",))
    assert text is not None
    assert text.get_content().replace("\r\n", "\n") == "美玲 您好:\n.A line that begins with a dot.\n"


def test_a_long_unsubscribe_address_is_written_plainly(tmp_path: Path) -> None:
    # Mail programs read this header as it stands: an encoded word there is no address.
    address = "mailto:hello@tea.example?subject=unsubscribe%2088%3A9UohCqt7ucW2mLgODGWiOeSsTIlxksWRhL-cxJU7uxQ"

    with channel_of(mail_url="folder:", home=tmp_path) as channel:
        channel.send(outgoing=mail(headers={"List-Unsubscribe": f"<{address}>"}))

    [file] = (tmp_path / "mail").iterdir()
    assert f"\r\nList-Unsubscribe: <{address}>\r\n".encode() in file.read_bytes()


def test_an_attachment_arrives_byte_for_byte(tmp_path: Path) -> None:
    content = b"sku,units\r\nOOLONG-150,38\r\n"
    attachment = DraftAttachment(filename="order.csv", media_type="text/csv", content=content)
    with smtp_peer() as peer, channel_of(mail_url=peer.url, home=tmp_path) as channel:
        channel.send(outgoing=mail(attachments=(attachment,)))

    part = next(iter(peer.arrived[0].iter_attachments()))
    assert (part.get_filename(), part.get_payload(decode=True)) == ("order.csv", content)


@pytest.mark.parametrize(
    ("answers", "result", "code", "is_channel_down"),
    [
        ({"rcpt_answers": {"mei@example.org": "550 no such user"}}, Result.REFUSED, "outbox.failed.refused", False),
        ({"rcpt_answers": {"mei@example.org": "451 greylisted"}}, Result.NOT_DELIVERED, "outbox.retry.put_off", False),
        ({"sender_answer": "550 not you"}, Result.NOT_DELIVERED, "outbox.retry.put_off", True),
        ({"content_answer": "554 looks like spam"}, Result.REFUSED, "outbox.failed.refused", False),
        ({"content_answer": "452 disk full"}, Result.NOT_DELIVERED, "outbox.retry.put_off", False),
        ({"after_content": "close"}, Result.UNKNOWN, "outbox.unknown.no_answer", False),
        ({"after_content": "hang"}, Result.UNKNOWN, "outbox.unknown.no_answer", False),
    ],
)
def test_each_failure_is_told_apart(
    tmp_path: Path, answers: dict[str, object], result: Result, code: str, *, is_channel_down: bool
) -> None:
    with smtp_peer(**answers) as peer, channel_of(mail_url=peer.url, home=tmp_path) as channel:
        outcome = channel.send(outgoing=mail())

    assert (outcome.result, outcome.code, outcome.is_channel_down) == (result, code, is_channel_down)


def test_only_an_unknown_mailbox_marks_the_address(tmp_path: Path) -> None:
    answers = {"gone@example.org": "550 no such user", "full@example.org": "552 mailbox full"}
    with smtp_peer(rcpt_answers=answers) as peer, channel_of(mail_url=peer.url, home=tmp_path) as channel:
        gone = channel.send(outgoing=mail(address="gone@example.org"))
        full = channel.send(outgoing=mail(address="full@example.org", number=2))
        fine = channel.send(outgoing=mail(number=3))

    assert (gone.is_address_unknown, full.is_address_unknown) == (True, False)
    assert fine.result is Result.DELIVERED


def test_nobody_listening_delivers_nothing_and_says_so(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"smtp://127.0.0.1:{probe.getsockname()[1]}?timeout_seconds=2"
        with channel_of(mail_url=url, home=tmp_path) as channel:
            outcome = channel.send(outgoing=mail())
            with pytest.raises(MailNotReady, match="ConnectionRefusedError"):
                channel.check()

    assert (outcome.result, outcome.is_channel_down) == (Result.NOT_DELIVERED, True)


def test_a_connection_that_the_server_closed_between_two_mails_is_made_again(tmp_path: Path) -> None:
    with smtp_peer() as peer, channel_of(mail_url=peer.url, home=tmp_path) as channel:
        channel.send(outgoing=mail())
        channel._smtp.sock.shutdown(socket.SHUT_RDWR)  # type: ignore[attr-defined]
        outcome = channel.send(outgoing=mail(number=2))

    assert outcome.result is Result.DELIVERED
    assert peer.message_ids == ["<letter-1@tea.example>", "<letter-2@tea.example>"]


@pytest.mark.parametrize("address", ["no at sign", "", "mei@例え.example", "a@b\r\nBcc: all@example.org"])
def test_an_address_that_cannot_be_written_is_refused_before_any_talk(tmp_path: Path, address: str) -> None:
    with smtp_peer() as peer, channel_of(mail_url=peer.url, home=tmp_path) as channel:
        outcome = channel.send(outgoing=mail(address=address))

    assert (outcome.result, outcome.code) == (Result.REFUSED, "outbox.failed.unwritable")
    assert peer.recipients == []


def test_the_folder_holds_one_equal_file_however_often_a_mail_is_written(tmp_path: Path) -> None:
    with channel_of(mail_url="folder:", home=tmp_path) as channel:
        channel.send(outgoing=mail())
        first = (tmp_path / "mail" / "letter-1.eml").read_bytes()
        channel.send(outgoing=mail())

    assert [path.name for path in (tmp_path / "mail").iterdir()] == ["letter-1.eml"]
    assert (tmp_path / "mail" / "letter-1.eml").read_bytes() == first
    assert first.count(b"\r\n") == first.count(b"\n")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with channel_of(mail_url=f"folder:{tmp_path}/file/mail", home=tmp_path) as channel:
        outcome = channel.send(outgoing=mail())
        with pytest.raises(MailNotReady, match="Check REORDER_MAIL_URL"):
            channel.check()

    assert (outcome.result, outcome.is_channel_down) == (Result.NOT_DELIVERED, True)


@pytest.mark.parametrize("url", ["smtp:", "smtp://mail.example:often", "smtp://mail.example?timeout_seconds=long"])
def test_an_address_of_a_server_that_makes_no_sense_is_named(tmp_path: Path, url: str) -> None:
    with pytest.raises(MailNotReady, match="Check REORDER_MAIL_URL"):
        channel_of(mail_url=url, home=tmp_path)


def test_somebody_who_waits_for_a_page_does_not_wait_as_long_as_the_outbox_would(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"smtp://127.0.0.1:{silent.getsockname()[1]}?timeout_seconds=3600"
        with (
            channel_of(mail_url=url, home=tmp_path, patience_seconds=0.2) as channel,
            pytest.raises(MailNotReady, match="timed out"),
        ):
            channel.check()
