-- How far the outbox of each bridge in a Django site has been taken.
create table pushes (
    source    text    primary key,
    sequence  integer not null,      -- all up to it is done
    refused   text    not null,      -- JSON: what the last push was refused, told again if it comes again
    pushed_at integer not null       -- microseconds since 1970
) strict, without rowid;
