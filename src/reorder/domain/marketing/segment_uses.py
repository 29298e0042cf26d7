"""What would lose its people if a segment were removed: segments, journeys, campaigns, content and offers."""

import json
from dataclasses import dataclass
from typing import Final

from django.db import connection

_USES: Final = """
SELECT 'journey', journey.code, journey.name FROM marketing_journey AS journey
LEFT JOIN marketing_journeyversion AS version ON version.id = journey.live_version_id
WHERE jsonb_path_exists(journey.draft, %(path)s::jsonpath, %(given)s::jsonb)
   OR jsonb_path_exists(version.definition, %(path)s::jsonpath, %(given)s::jsonb)
   OR EXISTS (SELECT FROM marketing_journeyversion AS old WHERE old.journey_id = journey.id
        AND jsonb_path_exists(old.definition, %(path)s::jsonpath, %(given)s::jsonb)
        AND EXISTS (SELECT FROM marketing_enrolment AS way
                    WHERE way.version_id = old.id AND way.state IN ('active', 'held')))
UNION ALL SELECT 'campaign', code, name FROM marketing_campaign
WHERE %(code)s = ANY(segments || excluded_segments) AND state NOT IN ('sent', 'cancelled')
UNION ALL SELECT DISTINCT 'template', template.code, template.name FROM marketing_templateversion AS version
JOIN marketing_template AS template ON template.id = version.template_id
WHERE version.segment_code = %(code)s AND version.state <> 'retired'
UNION ALL SELECT DISTINCT 'article', code, code FROM marketing_libraryarticle WHERE %(code)s = ANY(segment_codes)
UNION ALL SELECT 'offer', code, code FROM marketing_offer WHERE %(code)s = ANY(segment_codes)
ORDER BY 1, 2
"""
# Wherever a journey's definition names segments, also in the rules of a condition, and nowhere else: a template may
# have the same code. Versions that somebody still walks by count as well.
_PATH: Final = (
    "$.** ? (@.segment == $code || @.segments[*] == $code || @.not_segments[*] == $code"
    ' || @.kind == "segment" && @.values[*] == $code)'
)


@dataclass(frozen=True, slots=True)
class Use:
    """Something that asks who is in a segment; `kind`: segment, journey, campaign, template, article or offer."""

    kind: str
    code: str
    name: str


def list_uses_elsewhere(*, code: str) -> list[Use]:
    """What names a segment besides other segments."""
    with connection.cursor() as cursor:
        cursor.execute(_USES, {"code": code, "path": _PATH, "given": json.dumps({"code": code})})
        return [Use(*row) for row in cursor.fetchall()]
