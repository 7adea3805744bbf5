#!/usr/bin/env python3
"""Values that psycopg writes are read by lakebase::pq, and the other way round, in text and in binary:

    values.py PROGRAM [NUMBER]    NUMBER values of each type, default 300

PROGRAM is values.cpp beside this file; the PG variables name the server. Each table has, beside a value, what it is in
words of neither library: whole numbers of microseconds, the bits of floating point, bytes in hexadecimal digits.
"""

import datetime
import decimal
import enum
import json
import random
import struct
import subprocess
import sys
import uuid

import psycopg
from psycopg.types.composite import CompositeInfo, register_composite
from psycopg.types.enum import EnumInfo, register_enum
from psycopg.types.json import Json, Jsonb
from psycopg.types.range import (
    DateRange,
    Int4Range,
    Int8Range,
    NumericRange,
    Range,
    TimestampRange,
    TimestamptzRange,
)

SEED = 20_130_917
chance = random.Random(SEED)
EPOCH = datetime.datetime(1970, 1, 1)
MICROSECOND = datetime.timedelta(microseconds=1)
UTC = datetime.timezone.utc
PIECES = ["a", "B", " ", '"', "'", "\\", "\n", "\t", "\r", "{", "}", ",", "(", ")", "NULL", "null", "ä", "語", "😀", "\x01"]


class Mood(enum.Enum):
    SAD = "sad"
    VERY_HAPPY = 'very "happy", {now}'


def integer(bits):
    """Small and large ones alike, and the ends."""
    value = chance.getrandbits(bits) >> chance.randrange(bits)
    return chance.choice([value - (1 << bits - 1) if value >= 1 << bits - 1 else value, -(value >> 1) - 1])


def text():
    return "".join(chance.choice(PIECES) for _ in range(chance.randrange(12)))


def floating(form):
    return struct.unpack(form, chance.randbytes(struct.calcsize(form)))[0]


def numeric():
    if chance.randrange(50) == 0:
        return decimal.Decimal("NaN")
    digits = chance.getrandbits(chance.randrange(1, 130)) + 1
    return decimal.Decimal(chance.choice([1, -1]) * digits).scaleb(-chance.randrange(30), decimal.Context(prec=99))


def moment():
    return datetime.datetime.min + MICROSECOND * chance.randrange((datetime.datetime.max - datetime.datetime.min) // MICROSECOND)


def day():
    return datetime.date.fromordinal(chance.randrange(1, datetime.date.max.toordinal()))


def time():
    return (EPOCH + MICROSECOND * chance.randrange(86_400_000_000)).time()


def interval():
    return MICROSECOND * chance.choice([-1, 1]) * chance.randrange(1 << chance.randrange(1, 60))


ANY = "[)", "(]", "[]", "()"


def span(kind, make, bounds=("[)",)):
    """Empty now and then, and without a bound."""

    def make_range():
        one, other = sorted([make(), make()])
        if one == other:
            return kind(empty=True)
        ends = chance.choice(bounds)
        lower, upper = one if chance.randrange(5) else None, other if chance.randrange(5) else None
        return kind(lower, upper, ("(" if lower is None else ends[0]) + (")" if upper is None else ends[1]))

    return make_range


def array(make, nulls=True):
    return lambda: [None if nulls and chance.randrange(4) == 0 else make() for _ in range(chance.randrange(5))]


def arrays(make):
    def make_arrays():
        width = chance.randrange(1, 4)
        return [[make() for _ in range(width)] for _ in range(chance.randrange(4))]

    return make_arrays


def document():
    return [chance.getrandbits(60), {"ä": text().replace("\x01", "")}]


KINDS = {
    "bool": ("bool", lambda: chance.random() < 0.5),
    "int2": ("int2", lambda: integer(16)),
    "int4": ("int4", lambda: integer(32)),
    "int8": ("int8", lambda: integer(64)),
    "numeric": ("numeric", numeric),
    "float4": ("float4", lambda: floating(">f")),
    "float8": ("float8", lambda: floating(">d")),
    "text": ("text", text),
    "bytea": ("bytea", lambda: chance.randbytes(chance.randrange(20))),
    "uuid": ("uuid", lambda: uuid.UUID(int=chance.getrandbits(128))),
    "json": ("json", document),
    "jsonb": ("jsonb", document),
    "date": ("date", day),
    "time": ("time", time),
    "timestamp": ("timestamp", moment),
    "timestamptz": ("timestamptz", lambda: moment().replace(tzinfo=UTC)),
    "interval": ("interval", interval),
    "mood": ("mood", lambda: chance.choice(list(Mood))),
    "int4range": ("int4range", span(Int4Range, lambda: integer(31))),
    "int8range": ("int8range", span(Int8Range, lambda: integer(63))),
    "numrange": ("numrange", span(NumericRange, lambda: decimal.Decimal(integer(64)), ANY)),
    "daterange": ("daterange", span(DateRange, day)),
    "tsrange": ("tsrange", span(TimestampRange, moment, ANY)),
    "tstzrange": ("tstzrange", span(TimestamptzRange, lambda: moment().replace(tzinfo=UTC), ANY)),
    "int4s": ("int4[]", array(lambda: integer(32))),
    "texts": ("text[]", array(text)),
    "numerics": ("numeric[]", array(numeric)),
    "moments": ("timestamptz[]", array(lambda: moment().replace(tzinfo=UTC))),
    "moods": ("mood[]", array(lambda: chance.choice(list(Mood)))),
    "int8ranges": ("int8range[]", array(span(Int8Range, lambda: integer(63)))),
    "matrix": ("float8[]", arrays(lambda: floating(">d"))),
    "pair": ("pair", None),
}


def bits(value, form):
    return "NaN" if value != value else struct.pack(form, value).hex()


def said(value, kind):
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "t" if value else "f"
    if kind.startswith("json"):
        return json.dumps(value, ensure_ascii=False).encode().hex()
    if isinstance(value, float):
        return bits(value, ">f" if kind == "float4" else ">d")
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, str):
        return value.encode().hex()
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).hex()
    if isinstance(value, uuid.UUID):
        return value.hex
    if isinstance(value, Mood):
        return value.value.encode().hex()
    if isinstance(value, datetime.datetime):
        return str((value.replace(tzinfo=None) - EPOCH) // MICROSECOND)
    if isinstance(value, datetime.date):
        return str(value.toordinal() - EPOCH.toordinal())
    if isinstance(value, datetime.time):
        return str((datetime.datetime.combine(EPOCH, value) - EPOCH) // MICROSECOND)
    if isinstance(value, datetime.timedelta):
        return str(value // MICROSECOND)
    if isinstance(value, Range):
        if value.isempty:
            return "empty"
        ends = ["" if end is None else said(end, kind) for end in (value.lower, value.upper)]
        return value.bounds[0] + ",".join(ends) + value.bounds[1]
    if isinstance(value, list):
        return "[" + ",".join(said(element, kind) for element in value) + "]"
    if isinstance(value, tuple):
        return "(" + ",".join(said(part, kind) for part in value) + ")"
    return str(value)


def of_psycopg(value, kind):
    if value is not None and kind == "json":
        return Json(value, dumps=lambda it: json.dumps(it, ensure_ascii=False))
    if value is not None and kind == "jsonb":
        return Jsonb(value)
    return value


def make_types(connection):
    labels = ", ".join("'" + mood.value + "'" for mood in Mood)
    connection.execute(f"CREATE TYPE mood AS ENUM ({labels})")
    register_enum(EnumInfo.fetch(connection, "mood"), connection, Mood, mapping={mood: mood.value for mood in Mood})
    connection.execute("CREATE TYPE pair AS (number int8, word text, moods mood[])")
    pair = CompositeInfo.fetch(connection, "pair")
    register_composite(pair, connection)
    moods = array(lambda: chance.choice(list(Mood)))
    KINDS["pair"] = ("pair", lambda: pair.python_type(integer(64), chance.choice([None, text()]), moods()))


def write(connection, number):
    for kind, (sql, make) in KINDS.items():
        for owner in "psycopg", "lakebase":
            connection.execute(f"CREATE TABLE {owner}_{kind} (place int, value {sql}, said text)")
        for form in "%t", "%b":
            rows = []
            for place in range(number // 2):
                value = None if chance.randrange(50) == 0 else make()
                rows.append((place, of_psycopg(value, kind), said(value, kind)))
            statement = f"INSERT INTO psycopg_{kind} VALUES (%t, {form}::{sql}, %t)"
            with connection.cursor() as cursor:
                cursor.executemany(statement, rows)
    connection.commit()


def read(connection, number):
    for kind in KINDS:
        for binary in False, True:
            count = 0
            for value, expected in connection.cursor(binary=binary).execute(f"SELECT value, said FROM lakebase_{kind}"):
                count += 1
                if said(value, kind) != expected:
                    raise SystemExit(f"{kind}, binary: {binary}: psycopg reads {value!r}, which is {said(value, kind)}; "
                                     f"lakebase::pq wrote {expected}")
            if count != number:
                raise SystemExit(f"lakebase::pq wrote {count} rows of {kind} instead of {number}")


def main():
    program, number = sys.argv[1], int((sys.argv[2:] or ["300"])[0])
    with psycopg.connect() as connection:
        connection.execute("SET TIME ZONE 'UTC'")
        make_types(connection)
        write(connection, number)
        subprocess.run([program, str(number), str(SEED)], check=True)
        read(connection, number)
        version = connection.info.server_version // 10000
    print(f"PostgreSQL {version}: {number} values of each of {len(KINDS)} types, each way, in text and in binary")


main()
