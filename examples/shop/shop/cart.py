"""Carts and what they cost, in cents."""

from dataclasses import dataclass, field


@dataclass
class Cart:
    lines: dict[str, tuple[int, int]] = field(default_factory=dict)

    def add(self, sku: str, cents: int, quantity: int = 1) -> None:
        if quantity < 1:
            raise ValueError("quantity must be at least 1")
        _, before = self.lines.get(sku, (cents, 0))
        self.lines[sku] = (cents, before + quantity)

    def total(self, discount_percent: int = 0) -> int:
        if not 0 <= discount_percent <= 100:
            raise ValueError("a discount is between 0 and 100 percent")
        gross = sum(cents * quantity for cents, quantity in self.lines.values())
        # Half a cent is rounded in favour of the customer.
        return gross - (gross * discount_percent + 50) // 100
