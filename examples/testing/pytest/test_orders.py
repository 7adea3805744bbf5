def test_can_be_cancelled(orders):
    orders.execute("DELETE FROM orders")
    assert orders.execute("SELECT count(*) FROM orders").fetchone() == (0,)


def test_are_there_for_each_test(orders):
    assert orders.execute("SELECT item FROM orders").fetchall() == [("tea",)]
