CREATE OR REPLACE VIEW ikm.v_unit_index AS
SELECT * FROM ikm.v_unit_index_hour UNION ALL SELECT * FROM ikm.v_unit_index_day
UNION ALL SELECT * FROM ikm.v_unit_index_month UNION ALL SELECT * FROM ikm.v_unit_index_period
UNION ALL SELECT * FROM ikm.v_unit_mean_hour UNION ALL SELECT * FROM ikm.v_unit_mean_day
UNION ALL SELECT * FROM ikm.v_unit_mean_month UNION ALL SELECT * FROM ikm.v_unit_mean_period;

CREATE OR REPLACE VIEW ikm.v_unit_element AS
SELECT * FROM ikm.v_unit_element_hour UNION ALL SELECT * FROM ikm.v_unit_element_day
UNION ALL SELECT * FROM ikm.v_unit_element_month UNION ALL SELECT * FROM ikm.v_unit_element_period;

CREATE OR REPLACE VIEW ikm.v_unit_histogram AS
SELECT * FROM ikm.v_unit_histogram_hour UNION ALL SELECT * FROM ikm.v_unit_histogram_day
UNION ALL SELECT * FROM ikm.v_unit_histogram_month UNION ALL SELECT * FROM ikm.v_unit_histogram_period;

CREATE OR REPLACE VIEW ikm.v_unit_conversion AS
SELECT * FROM ikm.v_unit_conversion_hour UNION ALL SELECT * FROM ikm.v_unit_conversion_day
UNION ALL SELECT * FROM ikm.v_unit_conversion_month UNION ALL SELECT * FROM ikm.v_unit_conversion_period;
