"""Answers about many units over a year, and everything that a sink makes of them, made inside the store.

Answers come by hash of their number, from 8 to 15 by the local clock, on three services; one in ten is about all three
indices. Buckets, sums, events and counts are added up from them by SQL, in the shape that the sink leaves them in: one
great part of each table and some small ones of the last days.
"""

from collections.abc import Callable, Iterator
from typing import Final

from ikm.index import INDICES
from ikm.position import RULES_VERSION
from ikm.questionnaire import QUESTIONNAIRES
from ikm.scorecard import LAYOUTS
from runtime.clickhouse import Store
from runtime.topics import RESPONSES

DAYS: Final = 365
CHUNKS: Final = 10
"""Of units, and of time: so much of a table is made by one statement."""
SERVICES: Final = ("ktp", "kk", "umum")
SHORT, WHOLE = "skm", "lengkap"
QUIETLY: Final = "SETTINGS insert_deduplicate = 0, max_insert_threads = 1, max_threads = 2"
_UNIT: Final = "concat('bench-', leftPad(toString(number), 4, '0'))"
PARTITION: Final = f"sipHash64(unit) % {RESPONSES.partitions}"
"""Of a unit's answers."""
HISTOGRAM: Final = "arrayFlatten(arrayMap(d -> arrayMap(s -> toUInt64(d = s), range(1, $levels + 1)), digits))"
"""Of one answer's `digits`, with $levels as `of_index` gives them."""

_RESPONSES: Final = f"""
INSERT INTO ikm.responses (unit, source, id, log, state, first_offset, withdrawn, revision, submitted_at, service,
                           questionnaire, channel, answers, respondent)
WITH cityHash64(number, 1) AS a, cityHash64(number, 2) AS b, b % 10 = 0 AS is_whole,
     1 + toUInt64(pow(a % 1000003 / 1000003, 1.3) * ($units - 1)) AS unit_number, unit_number % 7 AS mood,
     $midnight + intDiv(number * {DAYS}, $count) * 86400 - {DAYS - 1} * 86400 + b % 25200 AS second,
     arrayMap(i -> cityHash64(number, 3, i) % 100, range(22)) AS dice,
     arrayMap(d -> multiIf(d < 2 + mood, 1, d < 6 + 3 * mood, 2, d < 60 + 4 * mood, 3, 4),
              arraySlice(dice, 1, 9)) AS nine,
     arrayMap(d -> multiIf(d < mood, 2, d < 10 + mood, 3, d < 30 + mood, 4, d < 70, 5, 6), arraySlice(dice, 10)) AS rest
SELECT concat('bench-', leftPad(toString(unit_number), 4, '0')), 'bench', toString(number), $log, 1, number, 0, 1,
       toDateTime64(least(second, $now - b % 3600), 3, 'UTC'), ['ktp', 'kk', 'umum'][1 + a % 3],
       if(is_whole, '{WHOLE}', '{SHORT}'), ['qr', 'link', 'kiosk', 'wa', 'paper_entry', 'interview'][1 + b % 6],
       concat(arrayStringConcat(nine), if(is_whole, arrayStringConcat(rest), '0')),
       if(a % 5 < 3, map('jenis_kelamin', ['L', 'P'][1 + a % 2], 'usia', ['<20', '20-29', '30-39', '>=50'][1 + b % 4],
          'pendidikan', ['SD', 'SMA', 'S1'][1 + a % 3], 'pekerjaan', ['PNS', 'swasta', 'lainnya'][1 + b % 3]), map())
FROM numbers($first, $many) {QUIETLY}"""

_EVENTS: Final = f"""
INSERT INTO ikm.events (log, partition, offset, received_at, type, unit, source, id, revision, submitted_at, service,
                        questionnaire, channel, code, state)
SELECT $log, {PARTITION}, first_offset, submitted_at + toIntervalSecond(2), 'x', unit, source, id, 1,
       submitted_at, service, questionnaire, channel, '', 1
FROM ikm.responses WHERE unit >= '$from' AND unit < '$to' {QUIETLY}"""

_BUCKETS: Final = f"""
INSERT INTO ikm.buckets (unit, `index`, hour, service, partition, n, sum_x, sum_xx, histogram, parts, watermark, epoch,
                         rules, offset, to)
WITH $digits AS digits, arraySum(digits) * $worth AS x
SELECT unit, '$index', toStartOfHour(submitted_at, 'UTC') AS hour, service, {PARTITION}, count(), sum(x),
       sum(x * x), sumForEach({HISTOGRAM}), [],
       max(toStartOfMinute(submitted_at, 'UTC')), $log, {RULES_VERSION}, 1, toUInt32(toUnixTimestamp(hour) / 60) + 60
FROM ikm.responses WHERE unit >= '$from' AND unit < '$to' AND ($is_in) GROUP BY unit, hour, service {QUIETLY}"""

_SUMS: Final = f"""
INSERT INTO ikm.$sums
SELECT epoch, unit, `index`, $first AS first, sum(n), sum(sum_x), sum(sum_xx), sumForEach(histogram), sumForEach(parts),
       maxIf(watermark, n > 0), sum(version)
FROM ikm.$parts WHERE unit >= '$from' AND unit < '$to' GROUP BY epoch, unit, `index`, first {QUIETLY}"""
_LOCAL: Final = ("UTC", "Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")
_DAYS: Final = ", ".join(f"toStartOfDay(hour, '{zone}')" for zone in _LOCAL)
_MONTHS: Final = ", ".join(f"toDateTime(toStartOfMonth(hour, '{zone}'), '{zone}')" for zone in _LOCAL)
DAY: Final = f"greatest({_DAYS})"
"""Where the piece of a day begins that `hour` lies in."""

_QUALITY: Final = f"""
INSERT INTO ikm.quality (log, hour, unit, partition, next_offset, accepted, duplicate, late, rejected)
SELECT $log, hour, unit, any(partition), 1, sum(n) AS many, intDiv(many, 20), intDiv(many, 12), intDiv(many, 50)
FROM ikm.buckets WHERE `index` = 'ikm' AND unit >= '$from' AND unit < '$to' GROUP BY unit, hour {QUIETLY}"""

_REJECTIONS: Final = f"""
INSERT INTO ikm.rejections (log, topic, partition, offset, at, unit, code, field)
SELECT $log, 'responses.v1', number % {RESPONSES.partitions}, number, toDateTime64($now - number * 600, 3, 'UTC'),
       {_UNIT.replace("number", "number % $units")}, ['out_of_scale', 'unknown_item', 'invalid_json'][1 + number % 3],
       ['answers.waktu', 'answers.*', ''][1 + number % 3]
FROM numbers({DAYS * 144}) {QUIETLY}"""


async def fill(store: Store, *, log: int, count: int, units: int, now_s: int, say: Callable[[str], None]) -> None:
    """Bring all of it into a prepared store whose register has these units.

    Args:
        store: prepared.
        log: the log's epoch.
        count: answers.
        units: how many there are; the first, above all, gets none.
        now_s: up to when, UTC epoch seconds.
        say: told what is done.
    """
    known = {"log": log, "count": count, "units": units, "now": now_s, "midnight": now_s // 86_400 * 86_400}
    for number, (first, many) in enumerate(spans(count), 1):
        await do(store, _RESPONSES, **known, first=first, many=many)
        say(f"answers {number * 100 // CHUNKS} %")
        if number == CHUNKS - 1:
            await store.command("OPTIMIZE TABLE ikm.responses FINAL")
    for first, many in spans(units):
        ends = {"from": f"bench-{first:04}", "to": f"bench-{first + many:04}"}
        for index in INDICES:
            await do(store, _BUCKETS, **known, **ends, **of_index(index))
        for sums, parts, start in (("days", "buckets", DAY), ("months", "days", f"greatest({_MONTHS})")):
            await do(store, _SUMS, **ends, sums=sums, parts=parts, first=start)
        await do(store, _QUALITY, **known, **ends)
        await do(store, _EVENTS, **known, **ends)
        say(f"buckets, sums, counts and events of {first + many} units")
    await do(store, _REJECTIONS, **known)
    for table in ("buckets", "days", "months", "quality", "events"):
        await store.command(f"OPTIMIZE TABLE ikm.{table} FINAL")
    await _again(store, known)


async def _again(store: Store, known: dict[str, int]) -> None:
    """The last two days once more under a greater version, as late answers and restarts leave them."""
    columns = "unit, `index`, hour, service, partition, n, sum_x, sum_xx, histogram, parts, watermark, epoch, rules"
    for day in (2, 1):
        await store.command(
            f"INSERT INTO ikm.buckets ({columns}, offset, to) SELECT {columns}, 2, to FROM ikm.buckets "
            f"WHERE hour >= toDateTime({known['now'] - day * 86_400}) AND offset = 1 {QUIETLY}"
        )


def spans(count: int) -> Iterator[tuple[int, int]]:
    """First and number of each chunk of so many."""
    for chunk in range(CHUNKS):
        first = count * chunk // CHUNKS
        yield first, count * (chunk + 1) // CHUNKS - first


def of_index(code: str) -> dict[str, str]:
    """Where an index stands in the answers, and what a score is worth in x."""
    index, layout = INDICES[code], LAYOUTS[code]
    form = [item.code for item in QUESTIONNAIRES[WHOLE].items]
    places = [form.index(item.code) + 1 for item in index.items]
    slope, _ = index.conversions[0].of(index.items[0])
    return {
        "index": code,
        "digits": f"arrayMap(p -> toUInt64(toUInt8(substring(answers, p, 1))), {places})",
        "worth": str(int(layout.x_unit * slope / len(index.elements))),
        "levels": str(len(index.items[0].levels)),
        "is_in": "1" if max(places) <= len(QUESTIONNAIRES[SHORT].items) else f"questionnaire = '{WHOLE}'",
    }


async def do(store: Store, sql: str, **values: object) -> None:
    """Run a statement with values in the places of their names, as in `$name`."""
    for name in sorted(values, key=len, reverse=True):
        sql = sql.replace(f"${name}", str(values[name]))
    await store.command(sql)
