The table of the small application that the tests serve.

-- name: note_add
insert into note (client, number, text) values (?1, ?2, ?3)

-- name: note_has
select count(*) from note where client = ?1 and number = ?2

-- name: note_count
select count(*) from note
