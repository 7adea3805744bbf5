"""Django's backend for PostgreSQL, with a token that it asks for as it connects."""

from django.db.backends.postgresql import base

from checks import control


class DatabaseWrapper(base.DatabaseWrapper):
    def get_connection_params(self):
        return {**super().get_connection_params(), "password": control("token")}
