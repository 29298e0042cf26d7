"""A count held together with the stock and the bin it is about, in the one order of locks; and who else could act."""

from dataclasses import dataclass

from reorder.domain.inventory.locks import lock_levels
from reorder.domain.staff.queries import list_people_behind, list_users
from reorder.domain.staff.rules import ROLE_ABILITIES, Ability, Actor, Role
from reorder.domain.warehouse.counts import CountedGoods, CountRow, get_count, list_goods, lock_bin, lock_count
from reorder.domain.warehouse.errors import UnknownCount

# Any of these is enough to count on the floor.
COUNTS = (Ability.EDIT_STOCK, Ability.FULFIL_ORDERS, Ability.RECEIVE_GOODS)


@dataclass(frozen=True, slots=True)
class HeldCount:
    """A count, and the goods of its bin with what was counted of them; nobody changes any of it meanwhile."""

    task: CountRow
    goods: tuple[CountedGoods, ...]

    @property
    def differing(self) -> tuple[CountedGoods, ...]:
        """Counted goods of which a variance is still to be booked."""
        return tuple(one for one in self.goods if one.entry_id is not None and one.open_units)

    @property
    def missing(self) -> tuple[CountedGoods, ...]:
        """Goods that stand in the bin by the records and were not counted yet in this round."""
        return tuple(one for one in self.goods if one.entry_id is None)


def hold_count(*, task_id: int, actor: Actor, product_id: int | None = None) -> HeldCount:
    """Lock the levels of the goods (and of `product_id`), then the bin, then the count, and read what is true now.

    Raises UnknownCount, also for a place that is none of the actor's.
    """
    task = find_count_for(task_id=task_id, actor=actor)
    products = {one.product_id for one in list_goods(task=task)} | ({product_id} if product_id else set())
    lock_levels(product_ids=sorted(products))
    lock_bin(bin_id=task.bin_id)
    held = lock_count(task_id=task_id)
    return HeldCount(task=held, goods=tuple(list_goods(task=held)))


def find_count_for(*, task_id: int, actor: Actor) -> CountRow:
    """A count that the actor's places include. Raises UnknownCount."""
    task = get_count(task_id=task_id)
    if not actor.may_at(task.place_code):
        raise UnknownCount(count=task_id)
    return task


def somebody_else(*, than: str, abilities: tuple[Ability, ...], place_code: str) -> bool:
    """Whether another active person of the place has one of the abilities: where nobody has, one decides alone."""
    selves = list_people_behind(name=than)
    return any(
        person.is_active
        and person.username not in selves
        and ROLE_ABILITIES[Role(person.role)] & set(abilities)
        and (not person.place_codes or place_code in person.place_codes)
        for person in list_users()
    )


def is_same_person(*, one: str, other: str) -> bool:
    """Whether two names of the audit trail are one person: herself, or a token that she made."""
    return bool(list_people_behind(name=one) & list_people_behind(name=other))
