"""What can go wrong with segments, their rules and lists. A fault of a rule says where it stands (`where`: 2.1)."""

from reorder.kernel.errors import BadInput, Conflict, NotFound


class UnknownSegment(NotFound):
    code = "segments.unknown_segment"
    template = "There is no segment {given}."


class SegmentCodeTaken(Conflict):
    code = "segments.code_taken"
    template = "There is a segment {given} already; choose another code."


class BadSegmentCode(BadInput):
    code = "segments.bad_code"
    template = "{given!r} is no code: use small letters, digits, dashes and dots, at most 64 of them."


class SegmentNameMissing(BadInput):
    code = "segments.name_missing"
    template = "Give the segment a name of at most 200 characters."


class NotAList(BadInput):
    code = "segments.not_a_list"
    template = "{given} has rules: who belongs to it follows from them. Only lists are kept by hand."


class SegmentInUse(Conflict):
    code = "segments.in_use"
    template = "{given} is used by {uses}. Take it out there first."


class TooManyPeople(BadInput):
    code = "segments.too_many_people"
    template = "{count} people are too many at once: give at most {limit}, or import a file."


class ListFileUnreadable(BadInput):
    code = "segments.list_file_unreadable"
    template = "{file}: {reason}"


class ListColumnMissing(BadInput):
    code = "segments.list_column_missing"
    template = "{file}: no column holds customers. Call one customer_id (the shop's own id) or email. Found: {columns}"


class BadRule(BadInput):
    """Root of faults of one rule; `where` is its place, counted from 1, and empty for the whole."""

    code = "segments.bad_rule"
    template = "Rule {where}: this cannot be read."


class RulesNotUnderstood(BadRule):
    code = "segments.rules_not_understood"
    template = "Rule {where}: a group has `match` (all, any) and `rules`; a condition has `kind`."


class RulesEmpty(BadRule):
    code = "segments.rules_empty"
    template = "Group {where} holds no condition: add one, or take the group away."


class TooManyRules(BadRule):
    code = "segments.too_many_rules"
    template = "There are more than {limit} conditions. Make segments of parts of them, and name those in conditions."


class RulesTooDeep(BadRule):
    code = "segments.rules_too_deep"
    template = "Group {where} stands deeper than {limit} groups within each other."


class UnknownRuleKind(BadRule):
    code = "segments.unknown_rule_kind"
    template = "Rule {where}: there is no condition {given!r}. Known are: {known}."


class UnknownRuleField(BadRule):
    code = "segments.unknown_rule_field"
    template = "Rule {where}: {kind} has no {field!r}. It has: {known}."


class RuleFieldMissing(BadRule):
    code = "segments.rule_field_missing"
    template = "Rule {where}: fill in {field}."


class RuleFieldWrong(BadRule):
    code = "segments.rule_field_wrong"
    template = "Rule {where}: {given!r} does not do for {field}: {wanted}."


class RuleFieldOutside(BadRule):
    code = "segments.rule_field_outside"
    template = "Rule {where}: {field} lies between {least} and {most}, not {given}."


class RuleNamesUnknown(BadRule):
    code = "segments.rule_names_unknown"
    template = "Rule {where}: there is no {field} {given}."


class SegmentLoop(BadRule):
    code = "segments.loop"
    template = "This segment would ask itself who belongs to it: {path}. Take one of these conditions out."
