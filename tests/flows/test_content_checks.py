"""Templates that people write: what is refused with its line, what only another may let go, what is brought along."""

import io
import zipfile
from pathlib import Path

import pytest

from reorder.domain.marketing.content import (
    NewVersion,
    create_template,
    faults_of,
    get_version_by_number,
    let_go,
    retire_version,
    save_draft,
    submit_version,
)
from reorder.domain.marketing.content_errors import (
    ApprovalNeedsAnother,
    BadContent,
    BadTemplate,
    TemplateTaken,
    VersionChanged,
)
from reorder.domain.marketing.content_forms import Written, check_form
from reorder.domain.marketing.content_judging import count_sms_parts, judge_message
from reorder.domain.marketing.content_text import Missing, TooMuch, render_text
from reorder.domain.marketing.content_variables import KIND_TEMPLATES, KINDS, variables_of
from reorder.flows.content.importing import clean_html, read_import
from tests.factories.content import MAIL, NOON

OUT = '<a href="{{unsubscribe_url}}">out</a>'


def faults(text, *, channel="sms", field="text", kind="due", **more):
    found = check_form(channel=channel, content={field: text, **more}, kind=kind, language="en")
    return [(one.field, one.line, one.reason, one.value) for one in found]


@pytest.mark.parametrize(
    ("text", "line", "reason", "value"),
    [
        ("Hi\n{{name}}", 2, "nobody knows this variable", "name"),
        ("{{customer.name}}", 1, "this may be empty: write {{name|instead}}, or a section around it", "customer.name"),
        ("{{cart.url}}", 1, "messages of this kind do not have this variable", "cart.url"),
        ("{{items}}", 1, "this is a list: write a section around it", "items"),
        ("{{#coupon}}{{coupon}}{{/coupon}}", 1, "this is a section: it cannot be written as a word", "coupon"),
        ("{{{shop.name}}}", 1, "only {{name}} is allowed, which makes signs harmless", "shop.name"),
        ("a\n\n{{> /etc/passwd}}", 3, "templates cannot load other templates", "/etc/passwd"),
        ("{{=<% %>=}}", 1, "the signs of tags cannot be changed", "<% %>="),
        ("{{shop.name", 1, "a tag is not closed", ""),
        ("{{#items}}{{name}}", 1, "this section is not closed", "items"),
        ("{{/items}}", 1, "this section was never opened", "items"),
        ("{{#items}}" * 7 + "{{/items}}" * 7, 1, "sections lie too deep in each other", "items"),
        ("x" * 1_001, 1, "it has more characters than the channel takes", "1,000"),
        ("", 1, "this form needs it", ""),
    ],
)
def test_a_template_that_cannot_be_used_is_refused_with_its_line(text, line, reason, value):
    assert ("text", line, reason, value) in faults(text)


def test_what_is_right_is_taken():
    for good in (
        "{{customer.name|there}}",
        "{{#customer.name}}Hi {{customer.name}}{{/customer.name}}{{^customer.name}}Hi{{/customer.name}}",
        "{{#items}}{{name}}{{#price}} {{price}}{{/price}}{{/items}}",
        "{{given.colour|green}} {{! for Lin }}",
    ):
        assert faults(good) == []
    assert set(KINDS) == set(KIND_TEMPLATES)
    documented = Path("docs/reference/template-variables.md").read_text(encoding="utf-8")
    for kind in KINDS:
        for variable in variables_of(kind=kind):
            assert f"`{variable.path.replace('[].', ' › ')}`" in documented
            assert variable.meaning in documented


def test_mail_is_tried_out_and_runs_nothing():
    def mail(text):
        return faults(text, channel="email", field="mjml", subject="Hi")

    assert mail(MAIL) == []
    assert mail("<mjml><mj-body><mj-section></mj-body></mjml>")[0][2] == "MJML cannot be read"
    assert mail("<mjml><mj-body><mj-include path='/etc/passwd'/></mj-body></mjml>")[0][2] == "MJML cannot be read"
    assert mail("<mjml>\n<script>x</script></mjml>")[0][:3] == ("mjml", 2, "scripts and forms are not allowed")
    assert mail('<mjml><mj-body><p onclick="x"></p></mj-body></mjml>')[0][2] == "scripts and forms are not allowed"
    assert faults("{", channel="line", field="flex", alt="x")[0][2] == "this is not JSON"
    flex = '{"type": "carousel", "contents": [{"$each": "items", "type": "bubble", "x": "{{name}} {{price}}"}]}'
    assert faults(flex, channel="line", field="flex", alt="x")[0][3] == "price"
    assert faults("x", channel="pigeon")[0][2] == "there is no such channel"


def test_values_change_no_markup_and_no_template_runs_for_ever():
    values = {"name": "<b>&\"'", "items": [{"n": 1}] * 30, "quiet": " "}
    assert render_text(text="{{name}}", values=values, is_markup=True) == "&lt;b&gt;&amp;&quot;&#x27;"
    assert render_text(text="{{quiet|you}}{{none|<i>}}", values=values, is_markup=True) == "you&lt;i&gt;"
    for missing in ("{{quiet}}", "{{none}}", "{{items}}", "{{items.x}}"):
        with pytest.raises(Missing):
            render_text(text=missing, values=values, is_markup=False)
    with pytest.raises(TooMuch):
        render_text(text="{{#items}}" * 5 + "{{n}}" + "{{/items}}" * 5, values=values, is_markup=False)


@pytest.mark.django_db
def test_a_version_is_let_go_by_another_person_and_takes_the_place_of_the_one_before():
    create_template(code="tea", name="Tea", kind="due", purpose="marketing", created_by="Lin")
    with pytest.raises(TemplateTaken):
        create_template(code="TEA", name="Tea", kind="due", purpose="marketing", created_by="Lin")
    with pytest.raises(BadTemplate):
        create_template(code="x y", name="Tea", kind="due", purpose="marketing", created_by="Lin")

    def draft(html=OUT, number=None, by="Lin"):
        version = NewVersion(channel="email", language="en", content={"subject": "Tea", "html": f"<p>{html}</p>"})
        return save_draft(template_code="tea", version=version, number=number, saved_by=by, moment=NOON)

    def go(number, by, *, is_another_needed=True):
        return let_go(
            template_code="tea", number=number, approved_by=by, moment=NOON, is_another_needed=is_another_needed
        )

    silent = draft("no way out")
    assert [one.reason for one in faults_of(version=silent)] == ["marketing mail must have {{unsubscribe_url}}"]
    with pytest.raises(BadTemplate, match="unsubscribe_url"):
        submit_version(template_code="tea", number=1, submitted_by="Lin", moment=NOON)
    assert draft(number=1).number == 1
    assert submit_version(template_code="tea", number=1, submitted_by="Mei", moment=NOON).state == "waiting"
    with pytest.raises(ApprovalNeedsAnother):
        go(1, "Lin")
    assert go(1, "Mei").state == "live"
    for refused in (lambda: draft(number=1), lambda: go(1, "Mei")):
        with pytest.raises(VersionChanged):
            refused()
    draft(by="Mei")
    go(2, "Mei", is_another_needed=False)
    states = [get_version_by_number(template_code="tea", number=number).state for number in (1, 2)]
    assert states == ["retired", "live"]
    retire_version(template_code="tea", number=2, retired_by="Lin", moment=NOON)
    with pytest.raises(VersionChanged):
        retire_version(template_code="tea", number=2, retired_by="Lin", moment=NOON)


def packed(**members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return file.getvalue()


def test_templates_of_other_tools_come_without_what_runs():
    html = (
        "<html><head><style>p{color:red}</style><script>x()</script></head><body onload=x><form><input></form>"
        '<p onclick="x">Hi *|FNAME|*</p><a href="javascript:x">a</a><a href="*|UNSUB|*">out</a>'
        '<img src="https://tea.example/a.png" onerror="x"></body></html>'
    )
    found = read_import(name="mail.html", content=html.encode())

    assert found.field == "html"
    for bad in ("script", "onload", "onclick", "onerror", "javascript", "<form", "<input"):
        assert bad not in found.text
    for kept in ("p{color:red}", "{{customer.first_name|}}", '<a href="{{unsubscribe_url}}">', "a.png"):
        assert kept in found.text
    assert clean_html(html=found.text) == found.text

    zipped = read_import(name="x.zip", content=packed(mail__mjml=MAIL, a__png="x", b__jpg="x"))
    assert (zipped.field, zipped.text, zipped.pictures_count) == ("mjml", MAIL, 2)
    for content, reason in (
        (b"hello", "neither MJML nor HTML"),
        (b"PK\x03\x04junk", "cannot be unpacked"),
        (packed(a__png="x"), "neither MJML nor HTML"),
        (packed(mail__html="<p>" + "x" * 6_000_000), "too large"),
        (b"\xff\xfe", "not text in UTF-8"),
        (b"x" * 2_000_001, "more than 2 MB"),
    ):
        with pytest.raises(BadContent, match=reason):
            read_import(name="x", content=content)


def test_what_may_end_among_spam_is_told():
    html = '<p><img src="http://a/b.png"><a href="http://bit.ly/x">Act now</a></p>'
    written = Written(subject="FREE TEA FOR YOU!!", text="x", html=html + " " * 103_000)

    found = judge_message(written=written, channel="email", is_marketing=True, postal_address="12 Harbour Road")

    assert [one.code for one in found] == [
        "no_way_out", "no_postal_address", "too_large", "few_words", "no_alt", "spam_words", "subject_shouts",
        "not_secure", "shortened",
    ]  # fmt: skip
    assert [count_sms_parts(text=text) for text in ("x" * 160, "x" * 161, "茶" * 70, "茶" * 71)] == [1, 2, 1, 2]
