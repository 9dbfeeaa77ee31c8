Courses, their people and their trainings, read from what follows from the records.

-- name: course_rows
SELECT c.id, r.title, c.kind, c.interval_months, c.grace_days, c.pass_percent, r.changed_us FROM r_curriculum c JOIN record r ON r.id = c.id
WHERE r.in_force_rev > 0 AND r.state NOT IN ('retired', 'voided') ORDER BY c.id

-- name: course_roles
SELECT value FROM record_many WHERE record = ?1 AND field = 'role' ORDER BY pos

-- name: course_documents
SELECT d.id, d.title, d.state, d.in_force_rev, d.changed_us FROM record d
WHERE d.id IN (SELECT target FROM link WHERE source = ?1 AND name = 'trains_on' UNION SELECT source FROM link WHERE target = ?1 AND name = 'requires_training')
  AND d.type = 'document' ORDER BY d.id

-- name: training_rows
SELECT t.id, r.state, t.due, t.trained_on, t.result, t.valid_until, t.revision_taught FROM r_training t JOIN record r ON r.id = t.id
WHERE t.trainee = ?1 AND r.state NOT IN ('voided', 'cancelled') ORDER BY t.id

-- name: training_links
SELECT l.source, l.name, l.target FROM link l JOIN r_training t ON t.id = l.source WHERE t.trainee = ?1 AND l.name IN ('of', 'trains_on')
ORDER BY l.source, l.name, l.pos
