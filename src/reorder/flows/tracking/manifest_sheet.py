"""The list of a manifest as a PDF, with the shop's name and clock."""

import datetime as dt

from django.conf import settings

from reorder.flows.documents.manifest import manifest_pdf
from reorder.insights.manifests import ManifestRow, list_manifest_lines


def print_manifest(*, manifest: ManifestRow, language: str, moment: dt.datetime) -> bytes:
    """The PDF; a closed manifest gives the same bytes whenever it is printed."""
    return manifest_pdf(
        manifest=manifest,
        lines=list_manifest_lines(manifest_id=manifest.id),
        language=language,
        shop_name=settings.REORDER.shop_name,
        time_zone=settings.REORDER.time_zone,
        moment=manifest.closed_at or moment,
    )
