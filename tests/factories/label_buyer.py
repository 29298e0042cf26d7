"""A buyer of labels as a process of its own, to be killed: `python -m tests.factories.label_buyer PARCEL KEY`."""

import sys

from reorder.cli.start import start_application


def main() -> None:
    """Buy a label for a parcel, as a person at the desk does."""
    start_application()
    from reorder.flows import labels
    from reorder.kernel import clock
    from tests.factories.placing import MERCHANT

    parcel_id, key = int(sys.argv[1]), sys.argv[2]
    wish = labels.LabelWish(parcel_id=parcel_id, key=key, service_code="home")
    labels.buy_label(wish=wish, actor=MERCHANT, moment=clock.current_moment())


if __name__ == "__main__":
    main()
