-- Where in an article an item stands: in its content, as all before this, or among its images. One that
-- stands in neither is not used.
alter table uses add column in_content integer not null default 0;
alter table uses add column in_images integer not null default 0;
update uses set in_content = 1;
