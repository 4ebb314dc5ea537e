-- The name that was taken over from another site the last time; a user of another name now was renamed here.
alter table users add column imported_name text;
