-- What waits for its first attempt says so with a time, as what waits for another one does: so it
-- does not go before that.
update deliveries set next_at = at where state = 0 and next_at = 0;

-- By number, what has ended: the oldest of it are forgotten.
create index deliveries_ended on deliveries (webhook, number) where state <> 0;

-- `begins`: what is announced late counts for the webhook if it is behind that; before it the
-- webhook was not there, or did not want to be told.
alter table webhook_cursors add column begins integer not null default 0;
