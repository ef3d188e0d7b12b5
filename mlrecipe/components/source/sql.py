"""Reads the rows of a database query."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pydantic import Field, field_validator

import mlrecipe
from mlrecipe.reading.credentials import SecretFreeUrl

if TYPE_CHECKING:
    import pandas as pd
    import sqlalchemy as sa

    from mlrecipe.reading.records import Record

DRIVERS = {
    "psycopg2": "psycopg2-binary",
    "psycopg": "psycopg[binary]",
    "pymysql": "pymysql",
    "MySQLdb": "mysqlclient",
    "oracledb": "oracledb",
    "pyodbc": "pyodbc",
    "duckdb": "duckdb-engine",
    "snowflake": "snowflake-sqlalchemy",
    "bigquery": "sqlalchemy-bigquery",
    "redshift": "sqlalchemy-redshift",
    "databricks": "databricks-sqlalchemy",
}
"""Module or dialect that is missing -> the package that brings it."""

READING = ("select", "with", "values", "table")


class SQL(mlrecipe.Source, name="sql"):
    """The rows of a query to any database that SQLAlchemy speaks to.

    The query is run once for the types of the columns and once for the rows, streamed through a
    server-side cursor where the driver has them, and rolled back. The fingerprint hashes the
    content of the rows, in whatever order they come.
    """

    url: SecretFreeUrl = Field(
        min_length=1,
        description="SQLAlchemy's address, as postgresql://$DB_USER:$DB_PASSWORD@host/name; "
        "$NAME is taken from the environment while reading.",
    )
    query: str = Field(min_length=1, description="The query, beginning with SELECT or WITH.")
    chunk_rows: int = Field(50_000, ge=1, description="Rows read at a time.")

    @field_validator("query")
    @classmethod
    def _only_reads(cls, query: str) -> str:
        import re

        plain = re.sub(r"--[^\n]*|/\*.*?\*/", " ", query, flags=re.DOTALL).strip().lstrip("(")
        if not plain.lower().startswith(READING):
            raise ValueError("a query that reads: it begins with SELECT or WITH")
        return query

    def chunks(self) -> Iterator[pd.DataFrame]:
        from mlrecipe.reading.records import typed_chunks

        yield from typed_chunks(self._batches, "source.query")

    def fingerprint(self) -> str:
        from mlrecipe.reading.records import content_digest

        return f"query {content_digest(self._batches)}"

    def _batches(self) -> Iterable[list[Record]]:
        import sqlalchemy as sa

        from mlrecipe.reading.records import flattened

        with self._explained(), self._engine().connect() as connection:
            streaming = connection.execution_options(stream_results=True, yield_per=self.chunk_rows)
            result = streaming.execute(sa.text(self.query.replace(":", r"\:")))
            names = _names(list(result.keys()))
            for rows in result.partitions(self.chunk_rows):
                yield [flattened(dict(zip(names, row, strict=True))) for row in rows]
            connection.rollback()

    def _engine(self) -> sa.Engine:
        """Return the engine for the address, with what stands for the environment filled in."""
        import sqlalchemy as sa

        from mlrecipe.reading.credentials import PLACEHOLDER, expanded

        def fill(value: Any) -> Any:
            return expanded(value, "source.url") if isinstance(value, str) else value

        if PLACEHOLDER.fullmatch(self.url):
            url = sa.make_url(fill(self.url))
        else:
            url = sa.make_url(self.url)
            url = url.set(
                username=fill(url.username),
                password=fill(url.password),
                host=fill(url.host),
                database=fill(url.database),
                query={
                    k: fill(v) if isinstance(v, str) else tuple(map(fill, v))
                    for k, v in url.query.items()
                },
            )
        if url.get_backend_name() == "sqlite":
            _require_database(url.database)
        return sa.create_engine(url, poolclass=sa.NullPool)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn the database's complaints into errors for people, without a secret in them."""
        from mlrecipe.reading.credentials import hidden, placeholders

        try:
            yield
        except mlrecipe.MlrecipeError:
            raise
        except Exception as error:
            import sqlalchemy.exc

            if not isinstance(error, sqlalchemy.exc.SQLAlchemyError | ImportError | OSError):
                raise
            text = str(getattr(error, "orig", None) or error).partition("\n(Background")[0]
            raise _explanation(error, hidden(text.strip(), placeholders(self.url))) from None


def _explanation(error: Exception, text: str) -> mlrecipe.MlrecipeError:
    import sqlalchemy.exc

    if isinstance(error, ImportError | sqlalchemy.exc.NoSuchModuleError):
        package = next((p for name, p in DRIVERS.items() if name in text), "")
        return mlrecipe.MlrecipeError(
            f"the database's driver is not installed: {text}",
            where="source.url",
            fix=f"pip install {package}" if package else "install the driver of this database",
        )
    if isinstance(error, sqlalchemy.exc.ArgumentError):
        return mlrecipe.MlrecipeError(
            "the address cannot be understood",  # the exception quotes it, password and all
            where="source.url",
            expected="DIALECT://$USER:$PASSWORD@HOST/DATABASE, or sqlite:///FILE",
        )
    return mlrecipe.MlrecipeError(
        f"the database refuses: {text}",
        where="source.query",
        fix="check table and column names, the address, and what the user may read",
    )


def _require_database(path: str | None) -> None:
    """SQLite makes an empty database of a misspelt path: refuse it instead."""
    from mlrecipe.reading.locating import located

    if path and path != ":memory:" and not path.startswith("file:"):
        located(path, "source.url")


def _names(names: list[str]) -> list[str]:
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise mlrecipe.MlrecipeError(
            f"the query gives two columns named {sorted(twice)[0]!r}",
            where="source.query",
            fix="rename one: SELECT a.id AS a_id, …",
        )
    return names


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [SQL]
