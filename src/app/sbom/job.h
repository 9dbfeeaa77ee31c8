/* job.h - an import that a page started and nobody waits for: a process of its own, and a file that says how it goes.
 */
#pragma once
#include "app/app.h"

typedef enum JobState { JOB_RUNS, JOB_DONE, JOB_FAILED, JOB_CUT } JobState;   /* CUT: its process ended before it did */
typedef struct ImportJob {
  Str id, actor, product, file, words, sbom;   /* words: why it failed */
  JobState state;
  ImportPhase phase;
  int64_t percent, components, findings, started_us;
} ImportJob;

/* What the process that starts it has open of the same folder: the one that imports lets go of it first. */
typedef struct JobHeld { Store *store; Writer *writer; } JobHeld;
/* job_file.h tells for how long it can be asked for.
 * Starts the import in a process of its own and gives the job's id.  E_IO, E_FULL. */
Err job_start(Cx *cx, const char *folder, const Settings *set, const JobHeld *held, Str bytes, const SbomImport *what,
              const Ask *who, Str *id);
Err job_get(Cx *cx, const char *folder, Str id, ImportJob *out);               /* E_NOTFOUND */
