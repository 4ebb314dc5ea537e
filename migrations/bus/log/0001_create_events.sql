-- The log of a module: append-only, gap-free, chained by hash. UPDATE and DELETE are forbidden here
-- and not only in code, so that no other program changes the past by mistake either.
create table events (
    position       integer primary key,  -- a reader's bookmark: 1, 2, 3 … without gaps, in commit order
    stream         integer not null,     -- the aggregate's id
    version        integer not null,     -- 1, 2, 3 … per stream
    event_id       text    not null,     -- UUID version 7
    type           text    not null,     -- 'article_published.v1'
    body           text    not null,     -- JSON; ids of people, never their personal data
    actor          integer,              -- who
    correlation_id text    not null,     -- in which request
    recorded_at    integer not null,     -- microseconds since 1970, never smaller than the one before
    hash           blob    not null,     -- SHA-256(previous hash ‖ length-prefixed members)
    unique (stream, version)             -- two writers, one winner
) strict;

create trigger events_are_not_changed before update on events
begin
    select raise(abort, 'events are facts: they are never changed');
end;

create trigger events_are_not_deleted before delete on events
begin
    select raise(abort, 'events are facts: they are never deleted');
end;
