"""Pictures of goods that come back, and the slip for the parcel."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from reorder.domain.staff.rules import Ability
from reorder.domain.warehouse.return_errors import BadReturnPhoto, UnknownReturn
from reorder.domain.warehouse.returns import find_return_photo
from reorder.flows import returns
from reorder.flows.returns.slip import print_slip
from reorder.insights.returns import get_return_row
from reorder.kernel.clock import current_moment
from reorder.kernel.errors import BadInput
from reorder.web.access import desk, get_actor
from reorder.web.returns.page import show_return
from reorder.web.returns.telling import said_error

# One byte more than a picture may have tells that it is too large.
_MOST_READ = 4_000_001


@desk(Ability.MANAGE_ORDERS, Ability.FULFIL_ORDERS, method="POST")
def take(request: HttpRequest, return_id: int) -> HttpResponse:
    """Keep a picture of the goods."""
    row = get_return_row(actor=get_actor(request), return_id=return_id)
    picture = request.FILES.get("photo")
    try:
        if picture is None:
            raise BadReturnPhoto
        returns.take_photo(
            return_id=row.id,
            content=picture.read(_MOST_READ),
            actor=get_actor(request),
            moment=current_moment(),
        )
    except BadInput as error:
        return show_return(request, return_id, fault=said_error(error), status=422)
    messages.success(request, _("The picture is kept."))
    return redirect("returns:detail", return_id)


@desk(Ability.VIEW_ORDERS)
def photo(request: HttpRequest, return_id: int, photo_id: int) -> HttpResponse:
    """A picture, of a kind that its first bytes showed it to be."""
    row = get_return_row(actor=get_actor(request), return_id=return_id)
    found = find_return_photo(photo_id=min(photo_id, 2**63 - 1), return_id=row.id)
    if found is None:
        raise UnknownReturn(number=row.number)
    answer = HttpResponse(found[1], content_type=found[0])
    answer["Content-Disposition"] = "inline"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


@desk(Ability.VIEW_ORDERS)
def slip(request: HttpRequest, return_id: int) -> HttpResponse:
    """The slip for the parcel, `?language=en` or `zh-hant`; the reader's language else."""
    row = get_return_row(actor=get_actor(request), return_id=return_id)
    language = request.GET.get("language") or get_language() or "en"
    content = print_slip(return_id=row.id, language=language, moment=current_moment())
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=f"{row.number}.pdf") or "attachment"
    )
    return answer
