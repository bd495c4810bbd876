-- What answers come to by service, channel, each question of the profile and hour of the day (UTC), by the pieces of
-- days that `ikm/grid.py` cuts (`day` is a piece's first hour): a unit's own (scope self), and where others stood below
-- it those of its tree (pooled). Answers of several partitions of the log stand apart, for each has a writer of its own.
-- Of several rows of a cell the greatest step wins. The row of unit '' says of a partition up to which offset it is
-- counted (reached) and by which tree (a digest); it becomes visible together with the rows that it speaks of.
CREATE TABLE IF NOT EXISTS ikm.cells (
    epoch     UInt64,
    unit      LowCardinality(String),
    scope     LowCardinality(String),
    `index`   LowCardinality(String),
    day       DateTime('UTC'),
    dimension LowCardinality(String),
    cell      LowCardinality(String),
    partition UInt16,
    n         UInt64,
    sum_x     UInt64,
    sum_xx    UInt64,
    histogram Array(UInt32),
    parts     Array(UInt64),
    reached   UInt64,
    tree      UInt64,
    step      UInt64
)
ENGINE = ReplacingMergeTree(step)
ORDER BY (epoch, unit, scope, `index`, day, dimension, cell, partition)
SETTINGS index_granularity = 256, non_replicated_deduplication_window = 10000, fsync_after_insert = 1,
         fsync_part_directory = 1;
-- What the answers of a round add to cells and take from them, for the one statement that does so: of each answer and
-- index its card (less than nothing where it is taken away), where it counts (unit and scope), its cell of every
-- dimension. Rows are of no use once that has run.
CREATE TABLE IF NOT EXISTS ikm.cell_changes (
    run       UUID,
    at        DateTime('UTC') DEFAULT now(),
    partition UInt16,
    places    Array(Tuple(unit String, scope String)),
    `index`   LowCardinality(String),
    day       DateTime('UTC'),
    cells     Array(String),
    n         Int64,
    sum_x     Int64,
    sum_xx    Int64,
    histogram Array(Int64),
    parts     Array(Int64)
)
ENGINE = MergeTree ORDER BY run PARTITION BY toStartOfHour(at) TTL at + INTERVAL 1 HOUR
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1,
         fsync_part_directory = 1;
