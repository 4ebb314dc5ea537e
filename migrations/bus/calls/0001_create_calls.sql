-- Calls with an Idempotency-Key and what each was answered with, for 24 hours: in the transaction of
-- what the call did.
create table calls (
    caller      text    not null,
    route       text    not null,
    key         text    not null,     -- Idempotency-Key
    body_hash   text    not null,     -- the same key with another body is refused
    stream      integer not null,     -- the aggregate that the call changed
    version     integer not null,     -- the version of it that was the answer
    answer      text    not null,     -- JSON: what of the answer cannot be read from that version
    recorded_at integer not null,     -- microseconds since 1970
    primary key (caller, route, key)
) strict, without rowid;

create index calls_by_time on calls (recorded_at);
create index calls_by_stream on calls (stream);
