"""The desk Overview."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from reorder.web.access import desk


@desk()
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "overview/index.html", {})


@desk()
def search(request: HttpRequest) -> HttpResponse:
    return render(request, "overview/search.html", {})
