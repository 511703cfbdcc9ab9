import pytest

from shop.cart import Cart


def test_an_empty_cart_costs_nothing():
    assert Cart().total() == 0


def test_the_same_article_twice_is_one_line():
    cart = Cart()
    cart.add("tea", 450)
    cart.add("tea", 450)
    assert cart.lines == {"tea": (450, 2)}
    assert cart.total() == 900


@pytest.mark.parametrize("percent, cents", [(0, 999), (10, 899), (50, 499), (100, 0)])
def test_a_discount_is_rounded_for_the_customer(percent, cents):
    cart = Cart()
    cart.add("tea", 999)
    assert cart.total(percent) == cents


def test_a_quantity_below_one_is_refused():
    with pytest.raises(ValueError):
        Cart().add("tea", 450, 0)
