"""Connections and the schema."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from gis_core.errors import Conflict, InvalidInput, NotFound
from layers import Base
from layers.engine import connect, upgrade


@pytest.mark.parametrize("url", ["", "gridwarden.db", "mysql://localhost/x", "sqlite", "://"])
def test_what_is_no_store_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput) as fault:
        connect(url)
    assert fault.value.key == "store_url"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as fault:
        connect(f"sqlite:///{tmp_path}/nowhere/city.db")
    assert str(tmp_path / "nowhere") in fault.value.text("en")


def test_an_unreachable_server_is_one_clear_refusal() -> None:
    with pytest.raises(Conflict) as fault:
        upgrade(connect("postgresql://nobody:secret@127.0.0.1:1/none"))
    assert fault.value.key == "store_unreachable"
    assert "secret" not in fault.value.text("en")


def test_upgrading_twice_changes_nothing_and_gives_the_declared_schema(store_url: str) -> None:
    engine = connect(store_url)
    upgrade(engine)
    with engine.connect() as connection:
        before = connection.scalar(text("SELECT version_num FROM alembic_version"))
        connection.rollback()
        upgrade(engine)
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == before
        ours = set(Base.metadata.tables)
        context = MigrationContext.configure(
            connection, opts={"include_object": lambda item, name, kind, *_: kind != "table" or name in ours}
        )
        differences = [one for one in compare_metadata(context, Base.metadata) if "geom" not in str(one)]
        assert differences == []
        assert ours <= set(inspect(connection).get_table_names())
    engine.dispose()


def test_shapes_have_a_spatial_index_on_postgis(postgis_url: str) -> None:
    engine = connect(postgis_url)
    upgrade(engine)
    with engine.connect() as connection:
        query = text("SELECT count(*) FROM pg_indexes WHERE indexdef LIKE '%USING gist (geom)%'")
        spatial = [table for table in Base.metadata.tables.values() if "geom" in table.columns]
        assert connection.scalar(query) == len(spatial) > 0
    engine.dispose()


def test_a_store_of_another_schema_is_refused(store_url: str) -> None:
    engine = connect(store_url)
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'baseline_0123456789ab'"))
    with pytest.raises(Conflict) as fault:
        upgrade(engine)
    assert fault.value.key == "store_schema"
    engine.dispose()
