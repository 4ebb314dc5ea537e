-- How far the outbox of each bridge in a Django site has been taken.
create table pushes (
    source    text    primary key,
    sequence  integer not null,      -- all up to it is done
    pushed_at integer not null       -- microseconds since 1970
) strict, without rowid;
