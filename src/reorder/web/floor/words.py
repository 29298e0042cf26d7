"""What the scripts of a handheld say, in the reader's language; they have no words of their own."""

from django.utils.translation import gettext as _


def screen_words() -> dict[str, str]:
    """Sentences by the name under which scripts ask for them; `{…}` are filled in there."""
    return {
        "wrong_thing": _("Wrong: {code}. Wanted is {wanted}."),
        "wrong_offline": _("{code} is not known to this handheld, and there is no Wi-Fi to ask. Put it aside."),
        "scan_product": _("Scan a product"),
        "checking": _("Checking …"),
        "right": _("Right."),
        "all_done": _("All done."),
        "offline": _("No Wi-Fi. Go on: scans wait here and are sent later."),
        "signed_out": _("You are signed out. Sign in again: {count} scans wait here."),
        "other_user": _("{count} scans of {name} wait here. {name} must sign in on this handheld to send them."),
        "server_down": _("The server does not answer well. Scans wait here and are sent again."),
        "waiting": _("{count} waiting"),
        "conflicts": _("{count} to look at"),
        "no_conflicts": _("Nothing needs you here."),
        "nothing_waits": _("No scans wait."),
        "undone": _("Undone: {what}."),
        "cannot_undo": _("It was sent already and cannot be undone here. Count or move the goods instead."),
        "nothing_to_undo": _("Nothing to undo."),
        "bin_needed": _("Now scan the bin. {bin}"),
        "units_needed": _("Give a number above zero."),
        "lot_needed": _("Lot and last day are needed."),
        "cancel": _("Cancel"),
        "camera_denied": _("The camera may not be used. Allow it in the browser's settings, or type the number."),
        "camera_none": _("There is no camera here, or the page is not served over HTTPS."),
        "not_kept": _("This browser keeps nothing. Do not close the page before all scans are sent."),
        "not_read": _("The server could not read this scan; it was not taken."),
        "step_of": _("{done} of {total} done"),
        "units_left": _("{units} to come"),
        "send_again": _("Send again"),
        "look_at_task": _("Open the task"),
        "seen": _("Seen"),
        "conflict_help": _("Nothing was booked by this scan. Look at the goods, then scan again in the task."),
        "plan_changed": _("The task was changed meanwhile. Go on with the next step."),
    }
