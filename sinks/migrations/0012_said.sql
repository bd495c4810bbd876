-- What a closing's figure says, once more as columns: the text itself is what counts and what is compared.
ALTER TABLE ikm.periods ADD COLUMN IF NOT EXISTS said Tuple(
    n UInt64, value Nullable(Decimal(5, 2)), mutu Nullable(String), kinerja Nullable(String), complete Bool,
    lo Nullable(Decimal(5, 2)), hi Nullable(Decimal(5, 2))
) DEFAULT (
    JSONExtractUInt(figure, 'n'), toDecimal32OrNull(JSONExtractRaw(figure, 'value'), 2),
    JSONExtract(figure, 'mutu', 'Nullable(String)'), JSONExtract(figure, 'kinerja', 'Nullable(String)'),
    JSONExtractBool(figure, 'complete'), toDecimal32OrNull(JSONExtractRaw(figure, 'interval', 1), 2),
    toDecimal32OrNull(JSONExtractRaw(figure, 'interval', 2), 2)
);
