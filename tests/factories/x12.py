"""Answers of a supplier as X12 855."""


def x12_answer(*body: str, kind: str = "AC", group: str = "PR", count: int | None = None) -> bytes:
    """An 855 around these segments, with other separators than ours: the file names its own."""
    segments = ["ST|855|0007", f"BAK|00|{kind}|PO-2026-000123|20261124||||S-778", *body]
    total = len(segments) + 1 if count is None else count
    isa = f"ISA|00|{' ' * 10}|00|{' ' * 10}|01|123456789      |ZZ|TEAHOUSE       |261124|0900|U|00401|000000009|0|P|:!"
    gs = f"GS|{group}|123456789|TEAHOUSE|20261124|0900|9|X|004010"
    return "!\r\n".join([isa[:-1], gs, *segments, f"SE|{total}|0007", "GE|1|9", "IEA|1|000000009", ""]).encode()
