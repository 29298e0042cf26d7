"""The last digit of GS1 numbers (GTIN, SSCC, GLN), which tells a misread one."""


def check_digit(*, digits: str) -> str:
    """The digit that belongs behind `digits` (GS1 General Specifications 7.9): weights 3, 1, 3 … from the right."""
    total = sum(int(digit) * (3 if position % 2 == 0 else 1) for position, digit in enumerate(reversed(digits)))
    return str((10 - total % 10) % 10)


def has_right_check_digit(*, number: str) -> bool:
    """Whether the last digit of a GTIN, SSCC or GLN is right."""
    return number.isascii() and number.isdecimal() and check_digit(digits=number[:-1]) == number[-1]
