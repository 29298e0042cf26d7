"""The desk Messages."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from reorder.web.access import desk


@desk()
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "outbox/index.html", {})
