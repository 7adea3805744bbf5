#!/usr/bin/env python3
"""How long `lakebase copy` takes for 1,000,000 rows from an instance to a project, beside the same `pg_dump | psql` by hand,
in turns at the emulator that DATABRICKS_HOST names. Each copy is checked by count and checksum.

    copy_figures.py PATH/TO/lakebase ROUNDS
"""

import os
import statistics
import subprocess
import sys
import time

ROWS = 1_000_000
FILL = f"""CREATE TABLE items (id int PRIMARY KEY, word text, at timestamptz NOT NULL, note text);
INSERT INTO items SELECT n, md5(n::text), to_timestamp(n), repeat(chr(97 + n % 26), n % 50) FROM generate_series(1, {ROWS}) n"""
SUM = "SELECT count(*), sum(hashtextextended(items::text, 0)) FROM items"
BY_HAND = ["bash", "-c", "set -o pipefail; pg_dump --no-owner --no-privileges -d \"$SOURCE\" "
                         "| psql -X -q -o /dev/null -v ON_ERROR_STOP=1 --single-transaction -d \"$TARGET\""]


def main():
    lakebase, rounds = sys.argv[1], int(sys.argv[2])

    def run(*arguments):
        return subprocess.run([lakebase, *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()

    def sql(place, statement):
        return run("exec", place, "--", "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", statement)

    instance, project = "copy-source", "projects/copy-target"
    run("database", "create-database-instance", instance)
    run("postgres", "create-project", project.split("/")[1])
    sql(instance, FILL)
    wanted = sql(instance, SUM)
    urls = {"SOURCE": run("url", instance), "TARGET": run("url", project)}

    def by_hand():
        subprocess.run(BY_HAND, check=True, env={**os.environ, **urls})

    def copy():
        run("copy", instance, project)

    times = {by_hand: [], copy: []}
    for each in [by_hand, copy, *[by_hand, copy] * rounds]:  # the first of both to warm up
        sql(project, "DROP TABLE IF EXISTS items")
        start = time.monotonic()
        each()
        times[each].append(time.monotonic() - start)
        if sql(project, SUM) != wanted:
            sys.exit(f"{each.__name__}: the rows are not those of the source")
    hand, ours = (statistics.median(times[each][1:]) for each in (by_hand, copy))
    print(f"{ROWS} rows, median of {rounds}: pg_dump | psql {hand:.2f} s, lakebase copy {ours:.2f} s: "
          f"{100 * hand / ours:.0f} % of its speed (at least 90 %)")


main()
