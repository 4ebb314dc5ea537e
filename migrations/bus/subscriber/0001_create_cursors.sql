-- How far each subscription of this file has come in the log it hears, in the transaction of its
-- work, and the streams that its handler could not take (dead letters).
create table cursors (
    subscription text    primary key,
    position     integer not null       -- everything up to here is applied or parked
) strict, without rowid;

create table parked (
    subscription text    not null,
    stream       integer not null,
    position     integer not null,      -- the event that failed; it and those after it are not applied
    attempts     integer not null,
    error        text    not null,
    parked_at    integer not null,      -- microseconds since 1970
    primary key (subscription, stream)
) strict, without rowid;
