/* job_file.h - what runs in the background tells in a file how it goes, and holds a lock by which it is known to live.
 *
 * DATA/jobs/ID.json and ID.lock.  Of the files the newest hundred stay, none for longer than 30 days. */
#pragma once
#include "app/app.h"

enum { JOB_BYTES = 64 << 10, JOB_KEPT = 100, JOB_KEPT_DAYS = 30 };

/* The lock is held until the descriptor is closed, or the process ends; -1: another process runs this job. */
int job_lock(Cx *cx, const char *folder, Str id);
void job_unlock(Cx *cx, const char *folder, Str id, int lock);
bool job_lives(Cx *cx, const char *folder, Str id);
Err job_put(Cx *cx, const char *folder, Str id, Str json);      /* makes the folder when there is none; E_IO, E_FULL */
Err job_read(Cx *cx, const char *folder, Str id, JVal **out);   /* E_NOTFOUND */
/* Removes what is too old or too much, and runs no longer. */
Err jobs_tidy(Cx *cx, const char *folder);
