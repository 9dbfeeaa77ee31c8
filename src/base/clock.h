/* clock.h - time is int64 microseconds UTC; a date is int32 days since 1970-01-01. */
#pragma once
#include "base/str.h"

#define US_PER_S INT64_C(1000000)
#define US_PER_DAY (INT64_C(86400) * US_PER_S)

int64_t clock_now_us(void);                       /* CLOCK_REALTIME */
int64_t clock_boot_us(void);                      /* CLOCK_BOOTTIME: since the boot; nobody sets it */
bool clock_is_synchronised(void);                 /* by a time service, as the kernel says */
int64_t clock_mono_us(void);                      /* CLOCK_MONOTONIC, for durations */
Str time_text(Arena *a, int64_t us);              /* 2026-11-22T04:31:00.000000Z */
Str time_minute(Arena *a, int64_t us);            /* 2026-11-22 04:31 */
Str date_text(Arena *a, int32_t days);            /* 2026-11-22 */
bool time_parse(Str s, int64_t *us);              /* RFC 3339, any offset, 0 to 9 decimals */
bool date_parse(Str s, int32_t *days);            /* YYYY-MM-DD, refuses 2026-02-30; years 1900 to 9999 */
int32_t date_of(int64_t us);
Str age_text(Arena *a, int64_t us);               /* a span: "3 d", "5 h", "12 min" */
