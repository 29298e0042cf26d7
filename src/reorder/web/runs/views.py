"""The desk Runs."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from reorder.web.access import desk


@desk()
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "runs/index.html", {})
