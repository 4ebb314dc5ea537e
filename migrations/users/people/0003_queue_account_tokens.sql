-- What goes with a queued change in the user's account, by the token with which identity has prepared it.
alter table queue add column account_token integer;
