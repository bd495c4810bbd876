"""What the readers may do on an engine that knows them: `python readers_process.py <folder>`, an answer a line.

An engine reads its users when it starts, and a process has one engine: so this one is by itself. Embedded, ClickHouse
takes users from a file only, with the same GRANT statements; and a view whose DEFINER is a user reads with the rights
of that user, which is how they are tried.
"""

import asyncio
import json
import re
import sys
from pathlib import Path
from xml.sax.saxutils import escape

import clickhouse_connect

from runtime.clickhouse import Store, connect
from runtime.readers import READERS, Reader
from sinks.readers import grants
from sinks.schema import prepare

CONFIG = "<clickhouse><users_config>{}</users_config></clickhouse>"
USER = "<password></password><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota>"


def users() -> str:
    queries = {
        reader.name: "".join(f"<query>{escape(sql.rpartition(' TO ')[0])}</query>" for sql in grants(reader))
        for reader in READERS
    }
    readers = "".join(f"<{name}>{USER}<grants>{grants}</grants></{name}>" for name, grants in queries.items())
    maker = f"<default>{USER}<access_management>1</access_management></default>"
    return (
        "<clickhouse><profiles><default/></profiles><quotas><default/></quotas>"
        f"<users>{maker}{readers}</users></clickhouse>"
    )


async def main(folder: Path) -> None:
    (folder / "users.xml").write_text(users(), "utf-8")
    (folder / "config.xml").write_text(CONFIG.format(folder / "users.xml"), "utf-8")
    first = clickhouse_connect.get_client(
        interface="chdb", path=str(folder / "store"), chdb_options={"config-file": str(folder / "config.xml")}
    )
    store = await connect(f"chdb://{folder / 'store'}")
    await prepare(store)
    made = await store.rows("SELECT name, create_table_query FROM system.tables WHERE database = 'ikm' ORDER BY name")
    for reader in READERS:
        answers = {name: await tried(store, reader, f"ikm.{name}{parameters(sql)}") for name, sql in made}
        sys.stdout.write(json.dumps({"reader": reader.name, "answers": answers}) + "\n")
    await store.close()
    first.close()


def parameters(sql: str) -> str:
    """What a view that was made by this statement is called with."""
    wanted = dict(re.findall(r"\{(\w+):([\w()]+)\}", sql))
    values = {"String": "'x'", "UInt32": "0", "Array(String)": "['x']"}
    given = [f"{name} = {values[kind]}" for name, kind in wanted.items()]
    return f"({', '.join(given)})" if given else ""


async def tried(store: Store, reader: Reader, table: str) -> str:
    """What a reader gets of a table or view: "" if it may read it, else the engine's word."""
    try:
        await store.command(
            f"CREATE OR REPLACE VIEW probe DEFINER = {reader.name} SQL SECURITY DEFINER AS SELECT * FROM {table}"
        )
        await store.rows("SELECT * FROM probe LIMIT 1")
    except Exception as error:  # noqa: BLE001 - whatever the engine says is the answer
        return str(error)
    return ""


asyncio.run(main(Path(sys.argv[1])))
