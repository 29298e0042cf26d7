"""The short version of `python -m benchmarks.waves`: a wave from release to printed lists on a real installation."""

from benchmarks.waves import run


def test_a_wave_is_released_walked_and_printed_whole() -> None:
    found = run(orders=40)

    assert (found["orders"], found["left"]) == (40, 0)
    assert found["lines"] >= 40
    assert 0 < found["walk_m"] < found["by_name_m"]
    assert all(size > 10_000 for size in found["pdf_bytes"].values())
