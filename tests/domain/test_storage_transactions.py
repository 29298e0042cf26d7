"""A flow's transaction is durable, and only the API may widen it."""

import pytest
from django.db import connection, transaction

from reorder.domain.storage import one_transaction, widened_transaction


@pytest.mark.django_db(transaction=True)
def test_nested_in_anything_else_it_refuses_to_run() -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"), one_transaction():
        pass


@pytest.mark.django_db(transaction=True)
def test_in_a_wider_one_it_commits_with_it_or_not_at_all() -> None:
    effects: list[str] = []

    def act() -> None:
        with one_transaction():
            transaction.on_commit(lambda: effects.append("sent"))

    with widened_transaction():
        act()
        assert effects == []
    assert effects == ["sent"]

    def act_and_fail() -> None:
        with widened_transaction():
            act()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act_and_fail()
    assert effects == ["sent"]
    # And afterwards a flow is durable again.
    assert not connection.in_atomic_block
    with transaction.atomic(), pytest.raises(RuntimeError), one_transaction():
        pass
