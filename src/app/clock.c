/* The machine's clock against the time since its boot, which nobody sets, and against the log. */
#include "app/clock.h"
#include "quality/quality.h"

#define SEEN_FILE "clock.seen"
#define CLOCK_OBJ "clock:system"
enum { SEEN_BYTES = 512, BOOT_BYTES = 64 };
static const int64_t BACK_US = 2 * US_PER_S, FORWARD_US = 60 * US_PER_S, US_PER_HOUR = 3600 * US_PER_S;

/* ---- what the machine says ----------------------------------------------------------------------------- */

static Str boot_id(Cx *cx) {
  Str id = STR_NONE;
  Cx own = { .arena = cx->arena };
  if (file_read(&own, "/proc/sys/kernel/random/boot_id", BOOT_BYTES, &id) != E_OK) return S("");
  return str_trim(id);
}

static ClockReading reading(Cx *cx) {
  return (ClockReading){ boot_id(cx), clock_now_us(), clock_boot_us(), clock_is_synchronised() };
}

/* A file of this machine, not of the log: it says nothing on another one.  Its absence is no fault. */
static ClockSeen seen_read(Cx *cx, const char *folder) {
  Str text = STR_NONE, boot, offset;
  ClockSeen seen = { .alone_us = -1 };
  Cx own = { .arena = cx->arena };
  if (file_read(&own, str_fmt(cx->arena, "%s/" SEEN_FILE, folder).p, SEEN_BYTES, &text) != E_OK) return seen;
  text = str_trim(text);
  bool whole = str_cut(text, ' ', &boot, &text) && str_cut(text, ' ', &offset, &text) &&
               str_int(offset, &seen.offset_us) && str_int(text, &seen.alone_us);
  if (whole) seen.boot = boot;
  return seen;
}

static Err seen_write(Cx *cx, const char *folder, const ClockSeen *seen) {
  Str text = str_fmt(cx->arena, "%.*s %lld %lld\n", STR(seen->boot), (long long)seen->offset_us,
                     (long long)seen->alone_us);
  return file_write(cx, str_fmt(cx->arena, "%s/" SEEN_FILE, folder).p, text, 0600);
}

/* ---- is it in doubt ------------------------------------------------------------------------------------ */

static Str span(Arena *a, int64_t us) {
  us = ((us < 0 ? -us : us) + US_PER_S / 2) / US_PER_S * US_PER_S;
  return us < 60 * US_PER_S ? str_fmt(a, "%lld s", (long long)(us / US_PER_S)) : age_text(a, us);
}

Str clock_doubt(Arena *a, const ClockReading *now, const ClockSeen *seen, int64_t last_us, int64_t alone_h) {
  bool same = now->boot.n && str_eq(now->boot, seen->boot);
  int64_t moved = now->real_us - now->boot_us - seen->offset_us;
  if (!same && last_us - now->real_us > BACK_US)
    return str_fmt(a, "stands %.*s before the last entry of the log", STR(span(a, last_us - now->real_us)));
  if (!same) return S("");
  if (moved < -BACK_US) return str_fmt(a, "was set back by %.*s", STR(span(a, moved)));
  if (moved > FORWARD_US) return str_fmt(a, "was set forward by %.*s", STR(span(a, moved)));
  if (alone_h && !now->synchronised && seen->alone_us >= 0 && now->boot_us - seen->alone_us > alone_h * US_PER_HOUR)
    return str_fmt(a, "has had no time service for %.*s", STR(span(a, now->boot_us - seen->alone_us)));
  return S("");
}

/* The last entry of the log, and the last one about the clock: seq -1 when there is none. */
typedef struct Told { int64_t last_us, seq; bool doubt; Str words; } Told;

static Err told_read(Cx *cx, Store *s, Told *out) {
  TreeHead head;
  LogRows last = { 0 }, clock = { 0 };
  Told t = { .seq = -1, .words = S("") };
  TRY(ledger_head(cx, s, &head));
  if (head.size) TRY(ledger_entries(cx, s, STR_NONE, head.size - 1, head.size - 1, 1, &last));
  if (head.size) TRY(ledger_entries(cx, s, S(CLOCK_OBJ), head.size - 1, 0, 1, &clock));
  if (last.n) t.last_us = last.p[0].t_us;
  if (clock.n) {
    t.seq = clock.p[0].seq;
    t.doubt = str_eq(clock.p[0].act, S("clock.anomaly"));
    if (clock.p[0].reason.p) t.words = clock.p[0].reason;
  }
  *out = t;
  return E_OK;
}

static int64_t alone_hours = 24;

void clock_signing_set(const Settings *set) {
  alone_hours = set->number[SET_CLOCK_ALONE_H];
  record_signing_set(clock_signer_gap, set->number[SET_FACTOR]);
}

/* What a new doubt is, "" when there is none or the log has one already. */
static Str new_doubt(Cx *cx, Store *s, const Told *told, const ClockReading *now) {
  ClockSeen seen = seen_read(cx, store_folder(s));
  Str why = told->doubt ? S("") : clock_doubt(cx->arena, now, &seen, told->last_us, alone_hours);
  if (!why.n) return why;
  return str_fmt(cx->arena, "The clock of this machine %.*s: it says %.*s UTC", STR(why),
                 STR(time_minute(cx->arena, now->real_us)));
}

Err clock_suspended(Cx *cx, Store *s, Str *words) {
  Told told;
  ClockReading now = reading(cx);
  *words = S("");
  TRY(told_read(cx, s, &told));
  Str why = told.doubt ? told.words : new_doubt(cx, s, &told, &now);
  if (!why.n) return E_OK;
  *words = str_fmt(cx->arena,
                   "%.*s. Nothing is lost and entries keep their order. Signing is suspended until two people, "
                   "administrator or QA manager, have confirmed the time on the page People or with: proofline clock "
                   "confirm",
                   STR(why));
  return E_OK;
}

Err clock_signer_gap(Cx *cx, Store *s, Str person, int64_t now_us, Str *why) {
  TRY(clock_suspended(cx, s, why));
  if (!why->n) return training_gap(cx, s, person, now_us, why);
  *why = str_fmt(cx->arena, "%.*s.", STR(*why));
  return E_OK;
}

/* ---- the writer's watch -------------------------------------------------------------------------------- */

static Err note_doubt(Cx *cx, Store *s, Str words) {
  Entry e = { .act = S("clock.anomaly"), .actor = S("system"), .auth = S("none"), .source = S("system"),
              .obj = S(CLOCK_OBJ), .request = random_hex(cx->arena, 8), .reason = words };
  TRY(ledger_clock(cx, s, &e.t_us));
  return ledger_append(cx, s, &e, NULL);
}

/* What this process holds its clock against: saves looking into file and log at each command.  It does not outlive the
 * boot. */
static bool held;
static ClockSeen held_to;

static bool as_before(void) {
  ClockReading now = { S("this"), clock_now_us(), clock_boot_us(), clock_is_synchronised() };
  AUTO(Cx) own = cx_new(4096);
  return held && now.synchronised == (held_to.alone_us < 0) &&
         !clock_doubt(own.arena, &now, &held_to, 0, alone_hours).n;
}

/* anew: what the clock says now is what it is held against from here on; so it is after a boot, too. */
static Err seen_keep(Cx *cx, Store *s, const ClockReading *now, bool anew) {
  ClockSeen was = seen_read(cx, store_folder(s)), seen = was;
  if (anew || !str_eq(seen.boot, now->boot)) seen = (ClockSeen){ now->boot, now->real_us - now->boot_us, -1 };
  if (now->synchronised) seen.alone_us = -1;
  else if (seen.alone_us < 0) seen.alone_us = now->boot_us;
  held = true;
  held_to = (ClockSeen){ S("this"), seen.offset_us, seen.alone_us };
  if (!anew && str_eq(seen.boot, was.boot) && seen.alone_us == was.alone_us) return E_OK;
  return seen_write(cx, store_folder(s), &seen);
}

Err clock_watch(Cx *cx, Store *s) {
  Told told;
  if (as_before()) return E_OK;
  ClockReading now = reading(cx);
  TRY(told_read(cx, s, &told));
  Str words = new_doubt(cx, s, &told, &now);
  if (words.n) TRY(note_doubt(cx, s, words));
  return seen_keep(cx, s, &now, false);
}

/* ---- two people say that it is right ------------------------------------------------------------------- */

static Err confirm_run(Cx *cx, Call *call) {
  Told told;
  Str to;
  bool waits;
  TRY(told_read(cx, call->store, &told));
  if (!told.doubt) return fail(cx, E_CONFLICT, "The clock is not in doubt. Nothing was changed.");
  if (str_trim(call->reason).n < 10) {
    problem(cx, S("reason"), "reason", "say in 10 characters or more what you compared the clock with");
    return problems_fail(cx);
  }
  Str words = str_fmt(cx->arena, "Confirming the time after entry %lld", (long long)told.seq);
  TRY(second_person(cx, call, S(""), words, &waits, &to));
  if (waits) return E_OK;
  Entry e = { .act = S("clock.confirmed"), .actor = call->actor, .auth = call->auth, .source = call->source,
              .obj = S(CLOCK_OBJ), .request = call->request, .to = to, .t_us = call->now_us };
  e.reason = str_fmt(cx->arena, "%.*s; the clock says %.*s UTC", STR(str_trim(call->reason)),
                     STR(time_minute(cx->arena, clock_now_us())));
  json_pair(call->result, "confirmed", time_text(cx->arena, clock_now_us()));
  TRY(ledger_append(cx, call->store, &e, NULL));
  ClockReading now = reading(cx);
  return seen_keep(cx, call->store, &now, true); /* a commit that fails leaves the doubt in the log */
}
const Command clock_command = { "clock.confirm", NULL, 0, "clock.confirm", confirm_run,
                                "says that the machine's clock is right again" };
