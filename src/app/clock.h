/* clock.h - whether the machine's clock can be believed, and who says so when it cannot.
 *
 * The order of the log never depends on the clock: an entry is always later than the one before it.  But a signature
 * states a time, so nobody signs while the clock is in doubt: from the entry "clock.anomaly" until two people have
 * said that the time is right ("clock.confirmed"). */
#pragma once
#include "app/app.h"

/* What the machine says now, and what this one said when it was last believed (file clock.seen in the data folder, of
 * this boot of this machine alone). */
typedef struct ClockReading {
  Str boot;                    /* id of this boot; "" where the system has none */
  int64_t real_us, boot_us;    /* the wall clock; time since the boot, which nobody sets */
  bool synchronised;           /* by a time service, as the kernel says */
} ClockReading;
typedef struct ClockSeen { Str boot; int64_t offset_us, alone_us; } ClockSeen;   /* alone_us: boot_us from which on
                                                                                  * no service kept it; -1 none */
/* What is wrong, in words: "was set back by 1 h"; "" when nothing is.  last_us: of the last entry.  alone_h: hours
 * without a time service that pass; 0: any number. */
Str clock_doubt(Arena *a, const ClockReading *now, const ClockSeen *seen, int64_t last_us, int64_t alone_h);

/* Who may sign: second factor, clock, training.  Every process that signs or offers to calls it at start. */
void clock_signing_set(const Settings *set);
SignerGap clock_signer_gap;             /* the clock first, then training */
/* "" or what is suspended, why, and what to do. */
Err clock_suspended(Cx *cx, Store *s, Str *words);
/* The writer, before each command: the entry of a new doubt comes before what is written in it; keeps clock.seen. */
Err clock_watch(Cx *cx, Store *s);

extern const Command clock_command;     /* clock.confirm */
