-- Streams whose events were moved to an archive: what an event says leaves its row, which keeps everything
-- else, its place and its hash above all. So the chain goes on through it, and proves what the archive has.
create table archived_streams (
    stream  integer primary key,
    archive text not null              -- a store in the folder `archive` beside this one, without its ending
) strict;

create index archived_streams_by_archive on archived_streams (archive);

-- In an archive: the hashes of the events that stand before its own in the log, and are not there.
create table archive_links (
    position integer primary key,
    hash     blob not null
) strict;

-- A body is taken out, and put back, while its stream is said to be archived; nothing else ever changes.
drop trigger events_are_not_changed;
create trigger events_are_not_changed before update on events
when not (new.position = old.position and new.stream = old.stream and new.version = old.version
          and new.event_id = old.event_id and new.type = old.type and new.actor is old.actor
          and new.correlation_id = old.correlation_id and new.recorded_at = old.recorded_at
          and new.hash = old.hash and (new.body = '' or old.body = '')
          and exists (select 1 from archived_streams where stream = old.stream))
begin
    select raise(abort, 'events are facts: they are never changed');
end;
