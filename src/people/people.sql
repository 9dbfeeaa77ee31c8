People, their roles and duties, sessions.

-- name: person_add
INSERT INTO person (id, login, name, email, title, state, created_us) VALUES (?1, ?2, ?3, ?4, ?5, 'active', ?6)
-- name: person_count
SELECT count(*) FROM person
-- name: person_get
SELECT id, login, name, email, title, state FROM person WHERE id = ?1
-- name: person_by_login
SELECT id, login, name, email, title, state FROM person WHERE login = ?1
-- name: person_by_email
SELECT name FROM person WHERE lower(email) = lower(?1) ORDER BY id LIMIT 1
-- name: person_list
SELECT p.id, p.login, p.name, p.email, p.title, p.state, p.created_us, c.person FROM person p LEFT JOIN credential c ON c.person = p.id ORDER BY p.id
-- name: person_name
SELECT name FROM person WHERE id = ?1
-- name: person_state
SELECT state FROM person WHERE id = ?1
-- name: person_set_state
UPDATE person SET state = ?2 WHERE id = ?1
-- name: person_ids
SELECT id FROM person ORDER BY id
-- name: person_fact
SELECT 'person' AS part, id AS a, login AS b, name AS c, email AS d, title AS e, state AS f, created_us AS t FROM person WHERE id = ?1
UNION ALL SELECT 'grant', product, role, '', '', '', '', 0 FROM person_grant WHERE person = ?1
UNION ALL SELECT 'credential', phc, '', '', '', '', '', set_us FROM credential WHERE person = ?1
UNION ALL SELECT 'totp', sealed, CAST(confirmed_us AS TEXT), '', '', '', '', set_us FROM totp WHERE person = ?1
UNION ALL SELECT 'recovery', hash, CAST(n AS TEXT), '', '', '', '', used_us FROM recovery_code WHERE person = ?1
ORDER BY 1, 2, 3

-- name: grant_add
INSERT INTO person_grant (person, product, role) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING
-- name: grant_drop
DELETE FROM person_grant WHERE person = ?1 AND product = ?2 AND role = ?3
-- name: grant_of
SELECT product, role FROM person_grant WHERE person = ?1 ORDER BY product, role
-- name: administrator_name
SELECT name FROM person WHERE state = 'active' AND id <> ?1 AND EXISTS (SELECT 1 FROM person_grant WHERE person = person.id AND role = 'administrator') ORDER BY id LIMIT 1

-- name: duty_add
INSERT INTO duty (id, person, duty, product, kind, stands_for, upto, from_day, to_day, made_us, made_by, ended_us, ended_by)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 0, '')
-- name: duty_count
SELECT count(*) FROM duty
-- name: duty_end
UPDATE duty SET ended_us = ?2, ended_by = ?3 WHERE id = ?1
-- name: duty_list
SELECT d.id, d.person, p.name, d.product, d.duty, d.kind, d.stands_for, d.upto, d.from_day, d.to_day, d.made_us, d.made_by, d.ended_us, p.state
FROM duty d JOIN person p ON p.id = d.person
WHERE (?1 IS NULL OR d.product = ?1 OR d.product = '') AND (?2 IS NULL OR d.duty = ?2)
  AND (?3 < 0 OR (d.from_day <= ?3 AND d.to_day >= ?3 AND d.made_us <= ?4 AND (d.ended_us = 0 OR d.ended_us > ?4)
    AND (d.stands_for = '' OR EXISTS (SELECT 1 FROM duty h WHERE h.person = d.stands_for AND h.duty = d.duty AND h.kind = 'holder'
      AND (h.product = d.product OR h.product = '') AND h.from_day <= ?3 AND h.to_day >= ?3 AND h.made_us <= ?4
      AND (h.ended_us = 0 OR h.ended_us > ?4)))))
ORDER BY d.duty, d.product, d.id
-- name: duty_ids
SELECT id FROM duty ORDER BY id
-- name: duty_fact
SELECT id, person, duty, product, kind, stands_for, upto, from_day, to_day, made_us, made_by, ended_us, ended_by FROM duty WHERE id = ?1

-- name: credential_by_login
SELECT p.id, c.phc FROM person p JOIN credential c ON c.person = p.id WHERE p.login = ?1 AND p.state = 'active'
-- name: credential_set
INSERT INTO credential (person, phc, set_us) VALUES (?1, ?2, ?3) ON CONFLICT (person) DO UPDATE SET phc = excluded.phc, set_us = excluded.set_us
-- name: credential_drop
DELETE FROM credential WHERE person = ?1
-- name: totp_get
SELECT sealed, confirmed_us FROM totp WHERE person = ?1
-- name: totp_set
INSERT INTO totp (person, sealed, set_us, confirmed_us) VALUES (?1, ?2, ?3, 0) ON CONFLICT (person) DO UPDATE SET sealed = excluded.sealed, set_us = excluded.set_us, confirmed_us = 0
-- name: totp_confirmed
UPDATE totp SET confirmed_us = ?2 WHERE person = ?1
-- name: totp_drop
DELETE FROM totp WHERE person = ?1
-- name: totp_step_get
SELECT step FROM totp_step WHERE person = ?1
-- name: totp_step_set
INSERT INTO totp_step (person, step) VALUES (?1, ?2) ON CONFLICT (person) DO UPDATE SET step = excluded.step
-- name: totp_step_drop
DELETE FROM totp_step WHERE person = ?1
-- name: recovery_add
INSERT INTO recovery_code (person, n, hash, used_us) VALUES (?1, ?2, ?3, 0)
-- name: recovery_use
UPDATE recovery_code SET used_us = ?3 WHERE person = ?1 AND hash = ?2 AND used_us = 0
-- name: recovery_left
SELECT count(*) FROM recovery_code WHERE person = ?1 AND used_us = 0
-- name: recovery_drop
DELETE FROM recovery_code WHERE person = ?1
-- name: code_set
INSERT INTO setup_code (person, hash, expires_us) VALUES (?1, ?2, ?3) ON CONFLICT (person) DO UPDATE SET hash = excluded.hash, expires_us = excluded.expires_us
-- name: code_find
SELECT person FROM setup_code WHERE hash = ?1 AND expires_us > ?2
-- name: code_drop
DELETE FROM setup_code WHERE person = ?1

-- name: session_add
INSERT INTO session (hash, person, created_us, seen_us, expires_us, address) VALUES (?1, ?2, ?3, ?3, ?4, ?5)
-- name: session_get
SELECT person, seen_us, expires_us FROM session WHERE hash = ?1
-- name: session_touch
UPDATE session SET seen_us = ?3 WHERE hash = ?1 AND person = ?2 AND seen_us < ?3
-- name: session_close
DELETE FROM session WHERE hash = ?1 AND person = ?2
-- name: session_close_all
DELETE FROM session WHERE person = ?1
-- name: session_prune
DELETE FROM session WHERE expires_us < ?1
-- name: session_keep
DELETE FROM session WHERE person = ?1 AND hash NOT IN (SELECT hash FROM session WHERE person = ?1 ORDER BY created_us DESC, hash LIMIT ?2)
-- name: session_elsewhere
SELECT count(*) FROM session WHERE person = ?1 AND address <> ?2 AND seen_us > ?3
-- name: session_list
SELECT hash, person, address, created_us, seen_us, expires_us FROM session WHERE ?1 IS NULL OR person = ?1 ORDER BY person, created_us

-- name: token_add
INSERT INTO token (id, person, name, hash, scopes, product, types, made_us, expires_us, ended_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0)
-- name: token_count
SELECT count(*) FROM token
-- name: token_get
SELECT t.id, t.person, t.name, t.scopes, t.product, t.types, t.made_us, t.expires_us, t.ended_us, coalesce(u.used_us, 0) FROM token t LEFT JOIN token_use u ON u.id = t.id WHERE t.id = ?1
-- name: token_by_hash
SELECT t.id, t.person, t.name, t.scopes, t.product, t.types, t.made_us, t.expires_us, t.ended_us, 0 FROM token t WHERE t.hash = ?1
-- name: token_list
SELECT t.id, t.person, t.name, t.scopes, t.product, t.types, t.made_us, t.expires_us, t.ended_us, coalesce(u.used_us, 0) FROM token t LEFT JOIN token_use u ON u.id = t.id WHERE ?1 IS NULL OR t.person = ?1 ORDER BY t.id
-- name: token_end
UPDATE token SET ended_us = ?2 WHERE id = ?1
-- name: token_used
INSERT INTO token_use (id, used_us, address) VALUES (?1, ?2, ?3) ON CONFLICT (id) DO UPDATE SET used_us = excluded.used_us, address = excluded.address
-- name: token_ids
SELECT id FROM token ORDER BY id
-- name: token_fact
SELECT id, person, name, hash, scopes, product, types, made_us, expires_us, ended_us FROM token WHERE id = ?1

-- name: alert_add
INSERT INTO alert (id, at_us, kind, person, words, seen_us, seen_by, note) VALUES (?1, ?2, ?3, ?4, ?5, 0, '', '')
-- name: alert_count
SELECT count(*) FROM alert
-- name: alert_list
SELECT id, at_us, kind, person, words, seen_us, seen_by, note FROM alert WHERE ?1 OR seen_us = 0 ORDER BY id DESC LIMIT 200
-- name: alert_seen
UPDATE alert SET seen_us = ?2, seen_by = ?3, note = ?4 WHERE id = ?1 AND seen_us = 0
-- name: alert_ids
SELECT id FROM alert ORDER BY id
-- name: alert_fact
SELECT id, at_us, kind, person, words, seen_us, seen_by, note FROM alert WHERE id = ?1

-- name: seconds
SELECT count(DISTINCT p.id) FROM person_grant g JOIN person p ON p.id = g.person
WHERE g.role IN ('administrator', 'qa_manager') AND p.state = 'active' AND p.id <> ?1 AND p.id <> ?2
-- name: second_set
INSERT INTO seconding (hash, words, asked_by, asked_us) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (hash) DO UPDATE SET asked_us = excluded.asked_us
-- name: second_get
SELECT asked_by FROM seconding WHERE hash = ?1
-- name: second_drop
DELETE FROM seconding WHERE hash = ?1
-- name: second_prune
DELETE FROM seconding WHERE asked_us < ?1
-- name: second_list
SELECT words, asked_by, asked_us FROM seconding WHERE asked_us > ?1 ORDER BY asked_us

-- name: delay_get
SELECT failures, first_us, until_us FROM login_delay WHERE key = ?1
-- name: delay_set
INSERT INTO login_delay (key, failures, first_us, until_us, last_us) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (key) DO UPDATE SET failures = excluded.failures, first_us = excluded.first_us, until_us = excluded.until_us, last_us = excluded.last_us
-- name: delay_drop
DELETE FROM login_delay WHERE key = ?1
-- name: delay_prune
DELETE FROM login_delay WHERE last_us < ?1
