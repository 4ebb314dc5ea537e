-- For the audit: when what happened, and by whom, without reading the events themselves. Walked from
-- the newest back; who has done little is found in here alone, at some 30 bytes an event.
create index events_by_time on events (recorded_at, position, actor);
