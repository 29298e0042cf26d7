"""All addresses: pages, accounts, API, health."""

from django.urls import include, path

handler400 = "reorder.config.errors.bad_request"
handler403 = "reorder.web.errors.forbidden"
handler404 = "reorder.config.errors.not_found"
handler500 = "reorder.config.errors.server_error"

urlpatterns = [
    path("api/", include("reorder.api.urls")),
    path("", include("reorder.api.health_urls")),
    path("", include("reorder.api.carrier_callbacks")),
    path("", include("reorder.api.provider_callbacks")),
    path("", include("reorder.api.tracking")),
    path("", include("reorder.web.urls")),
]
