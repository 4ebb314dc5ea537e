-- The hash of the event at which a cursor stands: it tells whether the log is still the one that was
-- heard, and not an older copy or another history. Unknown (null) until the cursor moves next.
alter table cursors add column hash blob;
