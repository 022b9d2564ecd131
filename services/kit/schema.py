"""What a service's database looks like after all its migrations, as text: one line for each thing in it.

``python -m services.kit.schema --database-url URL``            writes services/<name>/schema.txt of every service
``python -m services.kit.schema --database-url URL --check``    writes nothing; exit code 1 when a snapshot is not current

The snapshot is read from the catalogue of a freshly migrated database, so schema = sum of migrations: an edited
migration, or one whose effect nobody looked at, shows in review. ``--database-url`` names any database of a
server on which databases may be made; those made are dropped again.
"""

import argparse
import asyncio
import importlib
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg

from contracts.topics import ServiceName
from services.kit.database import migrate
from services.kit.service import Service

SERVICES = Path(__file__).parent.parent

# pg_catalog tells everything the same way in every database; the names of schemas and owners are left out.
COLUMNS = """
select format('%s.%s %s%s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
       case when a.attnotnull then ' not null' else '' end,
       case when a.attidentity <> '' then ' identity ' || a.attidentity::text else '' end,
       case when d.oid is not null
            then case when a.attgenerated <> '' then ' generated ' else ' default ' end
                 || pg_get_expr(d.adbin, d.adrelid) else '' end) as line
from pg_attribute a join pg_class c on c.oid = a.attrelid
left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
  and a.attnum > 0 and not a.attisdropped
order by c.relname, a.attnum
"""
CONSTRAINTS = """
select format('%s: %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as line
from pg_constraint where connamespace = 'public'::regnamespace and contype <> 'n'
order by 1
"""
INDEXES = """
select replace(indexdef, ' ON public.', ' on ') as line
from pg_indexes where schemaname = 'public' order by tablename, indexname
"""
OTHERS = """
select format('trigger %s on %s: %s', tgname, tgrelid::regclass, pg_get_triggerdef(oid)) as line
from pg_trigger where not tgisinternal
union all
select format('function %s: %s', oid::regprocedure, md5(prosrc)) from pg_proc
where pronamespace = 'public'::regnamespace
union all
select format('sequence %s', relname) from pg_class
where relkind = 'S' and relnamespace = 'public'::regnamespace
union all
select format('extension %s', extname) from pg_extension where extname <> 'plpgsql'
order by 1
"""
PARTS = {"columns": COLUMNS, "constraints": CONSTRAINTS, "indexes": INDEXES, "others": OTHERS}


async def describe(url: str) -> str:
    """The schema of a database: tables with columns, types, nullability and defaults; constraints; indexes."""
    connection = await asyncpg.connect(url)
    try:
        parts = {name: await connection.fetch(query) for name, query in PARTS.items()}
    finally:
        await connection.close()
    return "\n".join(
        f"-- {name}\n" + "".join(f"{row['line']}\n" for row in rows) for name, rows in parts.items()
    )


async def schema_of(service: Service, empty_url: str) -> str:
    """The schema that a service's migrations make of an empty database."""
    await migrate(empty_url, service.migration_folders())
    return await describe(empty_url)


def snapshot_path(service: Service) -> Path:
    """Where the committed snapshot of a service's schema lies."""
    return service.migrations.parent / "schema.txt"


def every_service() -> list[Service]:
    """The four services."""
    return [importlib.import_module(f"services.{name}.app").SERVICE for name in ServiceName]


async def settle(server_url: str, *, check: bool) -> list[str]:
    """Writes (with ``check`` only compares) every snapshot; the names of those that were not current."""
    stale: list[str] = []
    for service in every_service():
        text = await _schema_on(server_url, service)
        path = snapshot_path(service)
        if path.is_file() and path.read_text("utf-8") == text:
            continue
        stale.append(service.name)
        if not check:
            path.write_text(text, "utf-8")
    return stale


async def _schema_on(server_url: str, service: Service) -> str:
    name = f"schema_{uuid4().hex}"
    server = await asyncpg.connect(server_url)
    try:
        await server.execute(f"create database {name}")
        return await schema_of(service, urlunsplit(urlsplit(server_url)._replace(path=f"/{name}")))
    finally:
        await server.execute(f"drop database if exists {name} with (force)")
        await server.close()


def main() -> int:
    """The command; 0 when every snapshot was current or could be written."""
    parser = argparse.ArgumentParser(prog="python -m services.kit.schema", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail when not current")
    parser.add_argument("--database-url", required=True)
    words = parser.parse_args()
    check = bool(words.check)
    stale = asyncio.run(settle(words.database_url, check=check))
    for name in stale:
        sys.stderr.write(f"{name}: schema.txt {'is not current' if check else 'written'}\n")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
