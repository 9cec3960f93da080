"""Who may use which route is written down, whole. tests/accounts/test_access.py tries it out."""

from tests.access import routes, table


def test_each_route_has_one_row_in_the_table_of_access_and_no_row_is_left_over() -> None:
    assert sorted(row.route for row in table()) == sorted(routes())
