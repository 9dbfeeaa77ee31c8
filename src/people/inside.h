/* inside.h - what the files of people/ share. */
#pragma once
#include "people/people.h"

enum { SESSIONS_MOST = 5, FREE_FAILURES = 5, ADDRESS_FAILURES = 10, DELAY_MOST_S = 900 };

extern const Fact people_fact;

/* An entry about a person's rows as they are now: obj "user:ID". */
Err person_entry(Cx *cx, Call *call, const char *act, Str person);
/* An entry without rows of its own, such as a sign-in. */
Err plain_entry(Cx *cx, Call *call, const char *act, Str obj, Str actor, Str words);
Err person_known(Cx *cx, Store *s, Str person);    /* E_NOTFOUND */

/* Wrong passwords are counted under keys that give away neither account names nor what was typed for one. */
typedef struct Delay { int64_t failures, first_us, until_us; } Delay;
Str delay_key(Cx *cx, const char *kind, Str what);
Err delay_get(Cx *cx, Store *s, Str key, Delay *out);
int delay_wait_s(const Delay *d, int64_t now_us);

/* totp.c: RFC 6238 with SHA-1 and steps of 30 s, what every authenticator app speaks. */
enum { TOTP_STEP_S = 30, TOTP_DIGITS = 6, TOTP_BYTES = 20, RECOVERY_CODES = 10, RECOVERY_BYTES = 10 };
uint32_t totp_code(Str secret, int64_t step, int digits);
/* The step, at most one away from now and later than `after`, whose code this is; -1 when there is none. */
int64_t totp_match(Str secret, Str code, int64_t now_us, int64_t after);

extern const Command people_user_commands[8], people_duty_commands[2], people_session_commands[4],
    people_factor_commands[3];
