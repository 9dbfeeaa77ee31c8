Signatures and the ceremonies that led to them.

-- name: signature_add
INSERT INTO signature(hash, record, rev, seq, signed_us, manifest) VALUES(?1, ?2, ?3, ?4, ?5, ?6)

-- name: signature_of
SELECT hash, record, rev, seq, signed_us, manifest FROM signature WHERE record = ?1 ORDER BY seq

-- name: signature_all
SELECT hash, record, rev, seq, signed_us, manifest FROM signature ORDER BY seq

-- name: signature_fact
SELECT hash, record, rev, seq, signed_us, manifest FROM signature WHERE hash = ?1

-- name: signature_keys
SELECT hash FROM signature ORDER BY hash

-- name: ceremony_get
SELECT failures, used FROM sign_ceremony WHERE nonce = ?1

-- name: ceremony_failed
INSERT INTO sign_ceremony(nonce, failures, used, at_us) VALUES(?1, 1, 0, ?2)
ON CONFLICT(nonce) DO UPDATE SET failures = failures + 1

-- name: ceremony_used
INSERT INTO sign_ceremony(nonce, failures, used, at_us) VALUES(?1, 0, 1, ?2)
ON CONFLICT(nonce) DO UPDATE SET used = 1

-- name: ceremony_prune
DELETE FROM sign_ceremony WHERE at_us < ?1
