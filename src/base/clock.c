#include "base/base.h"
#include <sys/timex.h>
#include <time.h>

static int64_t now(clockid_t id) {
  struct timespec t;
  clock_gettime(id, &t);
  return (int64_t)t.tv_sec * US_PER_S + t.tv_nsec / 1000;
}

int64_t clock_now_us(void) { return now(CLOCK_REALTIME); }
int64_t clock_mono_us(void) { return now(CLOCK_MONOTONIC); }
int64_t clock_boot_us(void) { return now(CLOCK_BOOTTIME); }

bool clock_is_synchronised(void) {
  struct timex t = { .modes = 0 };
  int state = adjtimex(&t);
  return state >= 0 && state != TIME_ERROR;
}

typedef struct Day {
  int64_t year;
  int month, day;
} Day;

/* Civil date of a day count, proleptic Gregorian (Hinnant's method: eras of 400 years starting in March). */
static Day civil(int64_t days) {
  int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
  int64_t doe = z - era * 146097;
  int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
  int month = (int)(mp < 10 ? mp + 3 : mp - 9);
  return (Day){ yoe + era * 400 + (month <= 2), month, (int)(doy - (153 * mp + 2) / 5 + 1) };
}

static int64_t days_of(int64_t y, int m, int d) {
  y -= m <= 2;
  int64_t era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400;
  int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
  return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

int32_t date_of(int64_t us) { return (int32_t)floor_div(us, US_PER_DAY); }

Str date_text(Arena *a, int32_t days) {
  Day d = civil(days);
  return str_fmt(a, "%04d-%02d-%02d", (int)d.year, d.month, d.day);
}

Str time_text(Arena *a, int64_t us) {
  Day d = civil(floor_div(us, US_PER_DAY));
  int64_t t = us - floor_div(us, US_PER_DAY) * US_PER_DAY, s = t / US_PER_S;
  return str_fmt(a, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", (int)d.year, d.month, d.day, (int)(s / 3600),
                 (int)(s / 60 % 60), (int)(s % 60), (int)(t % US_PER_S));
}

Str time_minute(Arena *a, int64_t us) {
  Str full = time_text(a, us);
  return str_fmt(a, "%.*s %.*s", 10, full.p, 5, full.p + 11);
}

/* Takes exactly n digits off s. */
static bool digits(Str *s, size_t n, int *out) {
  uint64_t v;
  if (s->n < n || !str_uint(str_slice(*s, 0, n), &v)) return false;
  *s = str_slice(*s, n, s->n);
  *out = (int)v;
  return true;
}

static bool sign(Str *s, char c) {
  if (!s->n || s->p[0] != c) return false;
  *s = str_slice(*s, 1, s->n);
  return true;
}

static bool take_date(Str *s, int64_t *days) {
  int y, m, d;
  if (!digits(s, 4, &y) || !sign(s, '-') || !digits(s, 2, &m) || !sign(s, '-') || !digits(s, 2, &d)) return false;
  if (y < 1900 || m < 1 || m > 12 || d < 1 || d > 31) return false;
  *days = days_of(y, m, d);
  Day back = civil(*days);
  return back.month == m && back.day == d;
}

bool date_parse(Str s, int32_t *days) {
  int64_t v;
  if (!take_date(&s, &v) || s.n) return false;
  *days = (int32_t)v;
  return true;
}

static bool take_offset(Str *s, int64_t *us) {
  int h, m;
  if (sign(s, 'Z') || sign(s, 'z')) {
    *us = 0;
    return true;
  }
  bool minus = s->n && s->p[0] == '-';
  if (!sign(s, '+') && !sign(s, '-')) return false;
  if (!digits(s, 2, &h) || !sign(s, ':') || !digits(s, 2, &m) || h > 23 || m > 59) return false;
  *us = (h * 60 + m) * 60 * US_PER_S * (minus ? -1 : 1);
  return true;
}

bool time_parse(Str s, int64_t *us) {
  int64_t days, offset, micro = 0;
  int h, m, sec;
  if (!take_date(&s, &days) || (!sign(&s, 'T') && !sign(&s, 't') && !sign(&s, ' '))) return false;
  if (!digits(&s, 2, &h) || !sign(&s, ':') || !digits(&s, 2, &m) || !sign(&s, ':') || !digits(&s, 2, &sec))
    return false;
  if (h > 23 || m > 59 || sec > 60) return false;
  if (sign(&s, '.')) {
    int64_t scale = US_PER_S;
    size_t n = 0;
    for (; s.n && s.p[0] >= '0' && s.p[0] <= '9'; s = str_slice(s, 1, s.n), n++)
      if (n < 6) {
        scale /= 10;
        micro += (s.p[0] - '0') * scale;
      }
    if (n == 0 || n > 9) return false;
  }
  if (!take_offset(&s, &offset) || s.n) return false;
  *us = days * US_PER_DAY + ((h * 60 + m) * 60 + sec) * US_PER_S + micro - offset;
  return true;
}

Str age_text(Arena *a, int64_t us) {
  if (us >= US_PER_DAY) return str_fmt(a, "%lld d", (long long)(us / US_PER_DAY));
  if (us >= 3600 * US_PER_S) return str_fmt(a, "%lld h", (long long)(us / (3600 * US_PER_S)));
  if (us >= 60 * US_PER_S) return str_fmt(a, "%lld min", (long long)(us / (60 * US_PER_S)));
  return S("now");
}
