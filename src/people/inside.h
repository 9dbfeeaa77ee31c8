/* inside.h - what the files of people/ share. */
#pragma once
#include "people/people.h"

enum { SESSIONS_MOST = 5, FREE_FAILURES = 5, ADDRESS_FAILURES = 10, DELAY_MOST_S = 900 };

/* Each row or group of rows that people sign for, as the log knows it: "user:U000001", "duty:DTY-000001". */
enum { FACT_USER, FACT_DUTY, FACT_TOKEN, FACT_ALERT, FACTS };
extern const Fact people_facts[FACTS];
/* An entry about the rows of one fact as they are now. */
Err people_fact_entry(Cx *cx, Call *call, int fact, const char *act, Str key, Str to);

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

extern const Command people_user_commands[9], people_duty_commands[3], people_session_commands[4],
    people_factor_commands[4], people_token_commands[3], people_alert_commands[1],
    people_refused_commands[1];

/* alert.c: what somebody who looks after security must see.  E_OK also when nobody does. */
Err alert_raise(Cx *cx, Call *call, const char *kind, Str person, Str words);

/* first.c, user.c */
Err first_run(Cx *cx, Call *call);
Err person_first(Cx *cx, Call *call);          /* adds the person of user.first with the roles of a first one */

/* token.c */
Err token_permits(Cx *cx, const Who *who, const Right *right);

bool is_sample(const Call *call);                  /* the sample company's story, played once */
