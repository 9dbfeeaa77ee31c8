/* Archive, timestamps and epochs, as the writer runs them. */
#include "app/anchor.h"
#include "app/recover.h"

enum { PATH_BYTES = 4096, CA_BYTES = 256 * 1024 };
static const int64_t ARCHIVE_EVERY_US = US_PER_S;

/* ---- archive ------------------------------------------------------------------------------------------- */

Str anchor_archive_folder(Cx *cx, const char *folder) {
  Str text = STR_NONE;
  const char *path = str_fmt(cx->arena, "%s/" ARCHIVE_FILE, folder).p;
  if (file_exists(path) && file_read(cx, path, PATH_BYTES, &text) != E_OK) cx_forgive(cx);
  text = str_trim(text);
  return text.n ? text : STR_NONE;
}

Err anchor_archive(Cx *cx, Store *s, int64_t *last_us) {
  int64_t now = clock_mono_us(), size;
  if (now - *last_us < ARCHIVE_EVERY_US) return E_OK;
  *last_us = now;
  Str to = anchor_archive_folder(cx, store_folder(s));
  return to.n ? anchor_archive_to(cx, s, str_z(cx->arena, to), serve_is_idle(), &size) : E_OK;
}

Err anchor_archive_to(Cx *cx, Store *s, const char *to, bool rows, int64_t *size) {
  TRY(ledger_archive(cx, s, to, size));
  return archive_rows(cx, s, to, *size, rows);
}

/* ---- commands ------------------------------------------------------------------------------------------ */

static bool recovering, opened_here;
void anchor_recovering(bool on) { recovering = on; }
bool anchor_is_recovering(void) { return recovering; }
bool anchor_opened_here(void) { return opened_here; }

Err anchor_open(Cx *cx, Store *s) {
  TRY(ledger_open(cx, s));
  TRY(ledger_epoch_keys(cx, s));
  opened_here = true;
  return recovering ? E_OK : ledger_continues(cx, s);
}

static Entry entry_of(const Call *call) {
  return (Entry){ .actor = call->actor, .auth = call->auth, .source = call->source, .request = call->request,
                  .reason = call->reason, .t_us = call->now_us };
}

static Err epoch_run(Cx *cx, Call *call) {
  EpochAsk ask = { { call->actor, json_text(call->args, "second") } };
  Entry e = entry_of(call);
  int64_t seq, restated;
  if (!recovering)
    return fail(cx, E_DENIED,
                "A new epoch is started by proofline recover, while no server runs. Nothing was changed.");
  TRY(ledger_epoch_start(cx, call->store, &ask, &e, &seq));
  /* A store that was restored to an earlier moment has rows that are newer than its log: said for each object. */
  e.act = S("epoch.restate");
  TRY(ledger_restate(cx, call->store, app_verify_parts, app_nverify_parts, &e, &restated));
  json_pair_int(call->result, "seq", seq);
  json_pair_int(call->result, "restated", restated);
  return E_OK;
}
static const ArgSpec epoch_args[] = { { "second", ARG_TEXT, true, "the other person who answers for it" } };
const Command anchor_epoch_command = { "log.epoch", epoch_args, COUNT(epoch_args), "log.epoch", epoch_run,
                                       "goes on in a new epoch after a store was put back" };

static Err timestamp_run(Cx *cx, Call *call) {
  Timestamp t = { 0 };
  Str ca = STR_NONE;
  Entry e = entry_of(call);
  const char *path = str_fmt(cx->arena, "%s/" TIMESTAMP_CA, store_folder(call->store)).p;
  if (file_exists(path)) TRY(file_read(cx, path, CA_BYTES, &ca));
  if (call->payload.n) TRY(ledger_timestamp_take(cx, call->store, call->payload, ca, &e, &t));
  else TRY(ledger_timestamp_ask(cx, call->store, &e, &t));
  json_pair_int(call->result, "size", t.size);
  json_pair(call->result, "request", base64(cx->arena, t.request));
  json_pair(call->result, "told", t.told);
  if (t.stamped_us) json_pair(call->result, "stamped", time_text(cx->arena, t.stamped_us));
  return E_OK;
}
const Command anchor_timestamp_command = { "log.timestamp", NULL, 0, "verify", timestamp_run,
                                           "asks for a timestamp over the last checkpoint, or takes the reply" };

/* ---- words --------------------------------------------------------------------------------------------- */

Str anchor_root_groups(Arena *a, Hash root) {
  Str hex = hash_hex(a, root);
  return str_fmt(a, "%.16s %.16s %.16s %.16s", hex.p, hex.p + 16, hex.p + 32, hex.p + 48);
}

const char *anchor_words(AnchorIs is) {
  static const char *const words[] = {
    [ANCHOR_SAME] = "the log still contains exactly these entries",
    [ANCHOR_OTHER_LOG] = "it is of another log or another epoch than any of this store",
    [ANCHOR_NEWER] = "the log is shorter than that: the store was rolled back",
    [ANCHOR_OTHER_ROOT] = "the log has another root at that size: entries were changed or replaced, or it was mistyped",
    [ANCHOR_BAD_SIGNATURE] = "its signature is not of this log's key",
  };
  return words[is];
}
