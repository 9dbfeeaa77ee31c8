/* log_pick.h - the part of the audit trail that somebody asks for; for the page and the command line. */
#pragma once
#include "app/app.h"

/* STR_NONE: no matter.  person: id; act: how it begins; object: a record with or without its revision. */
typedef struct LogPick { Str person, act, object; } LogPick;

/* next: entries below it were not looked at; 0: all were.  looked: how many were. */
typedef struct LogPicked { LogRows rows; int64_t next, looked; } LogPicked;

/* Newest first, of the first `size` entries: at most `limit` that fit, out of at most `most` that are looked at. */
Err log_pick(Cx *cx, Store *s, const LogPick *pick, int64_t size, size_t limit, int64_t most, LogPicked *out);
