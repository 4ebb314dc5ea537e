-- Answered calls are in the one table for them; what is less than 24 hours old goes on counting.
insert into calls (caller, route, key, body_hash, stream, version, answer, recorded_at)
    select caller, route, key, body_hash, user_id, version,
           json_object('name', name, 'created_at', created_at, 'updated_at', updated_at),
           recorded_at
    from answered_calls;
drop table answered_calls;
