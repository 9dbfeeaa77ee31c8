/* Baselines: the revisions in force of one device, frozen into a record that people sign. */
#include "trace/inside.h"
#include "trace.sql.h"

enum { MEMBERS_BYTES = 4 << 20, SBOMS_MOST = 200 };

bool baseline_is(const RecordType *t) { return str_eq(str_of(t->name), S("baseline")); }

/* ---- the set as text ------------------------------------------------------------------------------------ */

static const Value *value_of(const Record *r, const char *field) {
  size_t at;
  return record_field(r->type, str_of(field), &at) ? &r->values[at] : NULL;
}

Err baseline_members(Cx *cx, const Record *r, Members *out) {
  const Value *v = value_of(r, "members");
  Members m = { 0 };
  if (!v) return fail(cx, E_USAGE, "%.*s is no baseline", STR(r->id));
  for (Str rest = v->s, line; str_line(&rest, &line);) {
    Str id, rev, state, hash;
    Member one = { .id = STR_NONE };
    bool ok = str_cut(line, '@', &id, &rev) && str_cut(rev, ' ', &rev, &state) && str_cut(state, ' ', &state, &hash) &&
              str_int(rev, &one.rev) && hash.n == 64;
    if (!ok) return fail(cx, E_INTEGRITY, "The set of %.*s cannot be read. Run: proofline verify", STR(r->id));
    one = (Member){ id, one.rev, state, hash };
    vec_add(cx->arena, &m, one);
  }
  *out = m;
  return E_OK;
}

/* ---- freezing ------------------------------------------------------------------------------------------- */

typedef struct Frozen { Buf text; int64_t count, left_out; } Frozen;

static Err add_row(Cx *cx, Store *s, const Rows *r, Frozen *f) {
  const RecordType *t = record_type(row_text(r, 1));
  int64_t rev = row_int(r, 2), in_force = row_int(r, 4);
  if (!t || baseline_is(t)) return E_OK;
  const State *st = life_state(t->life, row_text(r, 3));
  bool over = st && (st->flags & ST_CLOSED) && !(st->flags & ST_ACCEPTED);
  if (!in_force || over) { /* a set holds only what was accepted and still counts */
    f->left_out += !over;
    return E_OK;
  }
  Str hash = row_text(r, 5);
  Revision v;
  if (in_force != rev) {
    TRY(ledger_revision(cx, s, row_text(r, 0), in_force, &v));
    hash = hash_hex(cx->arena, v.hash);
  }
  buf_fmt(&f->text, "%.*s@%lld %s %.*s\n", STR(row_text(r, 0)), (long long)in_force,
          in_force == rev && st ? st->name : "in_force", STR(hash));
  f->count++;
  return E_OK;
}

static Err collect(Cx *cx, Store *s, Str product, Frozen *out) {
  AUTO(Rows) r = { 0 };
  *out = (Frozen){ .text = buf_new(cx->arena, MEMBERS_BYTES) };
  TRY(store_rows(cx, s, SQL_BASELINE_ROWS, ARGS(v_text(product)), &r));
  for (bool got;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    TRY(add_row(cx, s, &r, out));
  }
  if (out->text.over)
    return fail(cx, E_TOO_LARGE, "The set is larger than 4 MiB. Nothing was frozen. Split the device's records");
  return E_OK;
}

static Err run_freeze(Cx *cx, Call *call) {
  Record r;
  Frozen f;
  TRY(record_get(cx, call->store, json_text(call->args, "id"), 0, &r));
  if (!baseline_is(r.type)) return fail(cx, E_USAGE, "%.*s is no baseline. Nothing was frozen", STR(r.id));
  if (r.in_force_rev)
    return fail(cx, E_CONFLICT, "%.*s was released with its set, which cannot change. Make a new baseline", STR(r.id));
  if (!r.products.n) return fail(cx, E_INVALID, "%.*s names no device. Nothing was frozen", STR(r.id));
  TRY(collect(cx, call->store, r.products.p[0], &f));
  Value sboms = { 0 };
  JSON_EACH(j, json_get(call->args, "sboms"))
    if (sboms.list.n < SBOMS_MOST && json_str(j).n) vec_add(cx->arena, &sboms.list, json_str(j));
  sboms.set = sboms.list.n > 0;
  Str packs = json_text(call->args, "packs");
  int32_t today = date_of(call->now_us);
  const MadeValue made[] = {
    { "frozen_on", { .set = true, .i = today, .s = date_text(cx->arena, today) } },
    { "count", { .set = true, .i = f.count } },
    { "members", { .set = f.count > 0, .s = buf_str(&f.text) } },
    { "sboms", sboms },
    { "packs", { .set = packs.n > 0, .s = packs } },
  };
  TRY(record_put_made(cx, call, r.id, made, COUNT(made)));
  json_pair_int(call->result, "count", f.count);
  json_pair_int(call->result, "left_out", f.left_out);
  return E_OK;
}

static const ArgSpec freeze_args[] = { { "id", ARG_TEXT, true, "the baseline" },
                                       { "sboms", ARG_LIST, false, "id and SHA-256 of each current SBOM" },
                                       { "packs", ARG_TEXT, false, "SHA-256 over the rule packs" } };
const Command trace_baseline_freeze = { "baseline.freeze", ROWS(freeze_args), "record.write", run_freeze,
                                        "takes the revisions in force of a device into a baseline" };
