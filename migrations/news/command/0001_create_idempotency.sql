-- Beside the log: which client calls were answered already, and which imported items are in.
create table answered_calls (
    caller      text    not null,
    route       text    not null,
    key         text    not null,     -- Idempotency-Key
    body_hash   text    not null,     -- the same key with another body is refused
    stream      integer not null,     -- the answer is rebuilt from this version of this stream
    version     integer not null,
    recorded_at integer not null,     -- microseconds since 1970; forgotten after 24 hours
    primary key (caller, route, key)
) strict, without rowid;

create index answered_calls_by_age on answered_calls (recorded_at);

create table sources (
    source_id text    primary key,    -- permanent: a second import of the same item adds nothing
    stream    integer not null
) strict, without rowid;
