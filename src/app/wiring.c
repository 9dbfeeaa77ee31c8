/* What the floors below lend to each other: commands, schemas, the log's clock, the signer. */
#include "app/package.h"
#include "app/anchor.h"
#include "app/clock.h"
#include "app/backup/backup.h"
#include "app/table/table.h"
#include "app/whole/whole.h"
#include "app/triage.h"
#include "quality/quality.h"
#include <string.h>
#include <sys/stat.h>

enum { SIGN_EVERY_US = 200000 }; /* acknowledged entries are under a signed head after this at the latest */

static VEC(const Command *) commands;
static Arena *wiring_arena; /* lives as long as the process */

/* Every table of the store has one of these answering for it. */
static VerifyPart verify_parts[7];
const VerifyPart *const app_verify_parts = verify_parts;
const size_t app_nverify_parts = COUNT(verify_parts);

static void add_verify_parts(void) {
  const VerifyPart *const parts[COUNT(verify_parts)] = { &people_verify_part, &record_verify_part,
                                                         &supply_verify_part, &vuln_verify_part, &feed_verify_part,
                                                         &comply_verify_part, &trace_verify_part };
  for (size_t i = 0; i < COUNT(parts); i++) verify_parts[i] = *parts[i];
}

static void add_pointers(const Command *const *rows, size_t n) {
  for (size_t i = 0; i < n; i++) vec_add(wiring_arena, &commands, rows[i]);
}

Err app_start(Cx *cx) {
  if (wiring_arena) return E_OK;
  wiring_arena = arena_new(1 << 20);
  TRY(crypto_start(cx));
  for (size_t i = 0; i < nrecord_commands; i++) vec_add(wiring_arena, &commands, &record_commands[i]);
  vec_add(wiring_arena, &commands, &package_command);
  vec_add(wiring_arena, &commands, &table_command);
  vec_add(wiring_arena, &commands, &backup_command);
  vec_add(wiring_arena, &commands, &anchor_epoch_command);
  vec_add(wiring_arena, &commands, &anchor_timestamp_command);
  vec_add(wiring_arena, &commands, &clock_command);
  vec_add(wiring_arena, &commands, &whole_command);
  vec_add(wiring_arena, &commands, &decide_command);
  for (size_t i = 0; i < quality_ncommands; i++) vec_add(wiring_arena, &commands, &quality_commands[i]);
  add_verify_parts();
  add_pointers(people_commands, people_ncommands);
  add_pointers(supply_commands, supply_ncommands);
  add_pointers(vuln_commands, vuln_ncommands);
  add_pointers(feed_commands, feed_ncommands);
  add_pointers(trace_commands, trace_ncommands);
  add_pointers(comply_commands, comply_ncommands);
  record_gate_set(app_gate);
  return record_types_set(cx, app_types, app_ntypes);
}

Err app_settings(Cx *cx, const char *folder, Settings *out) {
  settings_default(out);
  TRY(settings_file(cx, out, str_fmt(cx->arena, "%s/proofline.toml", folder).p));
  return settings_env(cx, out);
}

/* ---- schemas ------------------------------------------------------------------------------------------- */

/* One list, in the order of the floors; only ever appended to, since a store remembers how far it got. */
Err app_schema_fits(Cx *cx, Store *s) {
  const struct {
    const Migration *step;
    size_t n;
  } parts[] = { { people_schema, people_nschema },
                { supply_schema, supply_nschema },
                { vuln_schema, vuln_nschema },
                { feed_schema, feed_nschema },
                { trace_schema, trace_nschema },
                { comply_schema, comply_nschema } };
  for (size_t i = 0; i < COUNT(parts); i++) TRY(store_migrate(cx, s, parts[i].step, parts[i].n));
  return E_OK;
}

Err app_migrate(Cx *cx, Store *s) {
  TRY(app_schema_fits(cx, s));
  return record_create_tables(cx, s);
}

static Err writer_opened(Cx *cx, Store *s, void *env) {
  Settings set;
  (void)env;
  TRY(app_settings(cx, store_folder(s), &set));
  clock_signing_set(&set);
  TRY(people_secret_make(cx, store_folder(s)));
  TRY(anchor_open(cx, s));
  return app_migrate(cx, s);
}

/* ---- the log ------------------------------------------------------------------------------------------- */

static const int64_t *script_us;
static size_t script_left;

void app_script_times(const int64_t *times_us, size_t n) {
  script_us = times_us;
  script_left = n;
}

bool app_replaying(void) { return script_left > 0; }

static Err writer_clock(Cx *cx, Store *s, int64_t *now_us) {
  cx->now_us = *now_us;
  if (script_left) {
    cx->now_us = *script_us++;
    script_left--;
  } else TRY(clock_watch(cx, s));
  return ledger_clock(cx, s, now_us);
}

/* A refused command leaves its trace: who tried what, and why it was refused (ASVS 16.3.2). */
static Err writer_refused(Cx *cx, Call *call, Err e, Str words) {
  int64_t seq;
  Entry entry = { .act = S("refused"),
                  .actor = call->actor,
                  .auth = call->auth,
                  .source = call->source,
                  .obj = str_fmt(cx->arena, "command:%s", call->command->name),
                  .request = call->request,
                  .to = str_of(err_slug(e)),
                  .reason = str_head(words, 500),
                  .t_us = call->now_us };
  return ledger_append(cx, call->store, &entry, &seq);
}

/* ---- the signer ---------------------------------------------------------------------------------------- */

static Err have_signer(Cx *cx, AppWriter *w) {
  if (w->has_signer) return E_OK;
  int inherited = serve_signer_fd();
  if (inherited >= 0) w->signer = (Signer){ .fd = inherited, .pid = 0 };
  else TRY(signer_fork(cx, w->folder, &w->signer));
  w->has_signer = true;
  return E_OK;
}

static Err writer_committed(Cx *cx, Store *s, void *env) {
  static int64_t archived_us = -US_PER_S;
  AppWriter *w = env;
  int64_t now = clock_mono_us();
  if (anchor_is_recovering() || (!serve_is_idle() && now - w->signed_us < SIGN_EVERY_US)) return E_OK;
  TRY(have_signer(cx, w));
  w->signed_us = now;
  TRY(ledger_checkpoint(cx, s, &w->signer));
  return anchor_archive(cx, s, &archived_us);
}

Err app_finish(Cx *cx, Store *s, AppWriter *w) {
  if (!w->has_signer) return E_OK;
  int64_t long_ago = clock_mono_us() - US_PER_DAY;
  Err e = ledger_checkpoint(cx, s, &w->signer);
  if (e == E_OK) e = anchor_archive(cx, s, &long_ago);
  signer_close(&w->signer);
  w->has_signer = false;
  return e;
}

WriterHooks app_writer_hooks(AppWriter *w) {
  return (WriterHooks){ .commands = (const Command *const *)commands.p,
                        .ncommands = commands.n,
                        .env = w,
                        .opened = writer_opened,
                        .authorise = people_authorise_command,
                        .refused = writer_refused,
                        .clock = writer_clock,
                        .committed = writer_committed };
}
