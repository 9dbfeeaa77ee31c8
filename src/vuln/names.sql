Rules about names that people approved.

-- name: name_rules
SELECT id, in_force_rev, state FROM record WHERE type = 'name_rule' AND in_force_rev > 0 ORDER BY id DESC

-- name: rules_followed
SELECT COALESCE((SELECT rules FROM vuln_run WHERE n = (SELECT MAX(n) FROM vuln_run)), '')

-- name: name_rules_all
SELECT id, rev, state, in_force_rev FROM record WHERE type = 'name_rule' ORDER BY id
