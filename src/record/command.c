/* The commands that change one record.  Order of the checks: may the actor see it, may the actor do it, is
 * it the revision that the actor looked at, is there a reason, is the input usable. */
#include "inside.h"

static void put_result(JsonOut *o, const Head *h) {
  json_pair(o, "id", h->id);
  json_pair_int(o, "rev", h->rev);
  json_pair(o, "hash", h->hash);
  json_pair(o, "state", h->state);
}

/* ---- new ---------------------------------------------------------------------------------------------- */

static Err run_new(Cx *cx, Call *call) {
  Write w;
  const RecordType *t;
  TRY(write_open(cx, call, "record.new", &w));
  TRY(record_type_need(cx, json_text(call->args, "type"), &t));
  TRY(authorise_roles(cx, &w.who, t->editors | ROLE_SYSTEM, PRODUCT_ANY,
                      str_fmt(cx->arena, "making a %s", t->title).p));
  Record r = record_blank(cx->arena, t);
  Numbers n = numbers_new(cx->arena);
  TRY(id_new(cx, call->store, &n, t, json_text(call->args, "id"), &r.id));
  if (!str_eq(call->actor, PERSON_SYSTEM)) r.owner = call->actor;
  JVal *input = json_get(call->args, "input");
  if (!input) problem(cx, S("input"), "missing", "is needed: the fields of the new record");
  TRY(record_merge(cx, call->store, input, &r));
  TRY(edit_allowed(cx, &w.who, &r));
  Head h;
  TRY(write_revision(cx, &w, &r, NULL, NULL, &h));
  TRY(numbers_keep(cx, call->store, &n));
  put_result(call->result, &h);
  return E_OK;
}

/* ---- save --------------------------------------------------------------------------------------------- */

static Err target_get(Cx *cx, const Write *w, Str id, Target *out) {
  TRY(head_get(cx, w->call->store, id, &out->head));
  TRY(record_get_head(cx, w->call->store, &out->head, &out->record));
  return may_see(cx, w->call->store, &w->who, &out->record);
}

/* base: the revision that the actor had before the eyes. */
static Err base_check(Cx *cx, const Write *w, const Target *t, bool needed) {
  int64_t base = json_int(w->call->args, "base", -1);
  const Head *h = &t->head;
  if (base < 0 && needed)
    return fail(cx, E_PRECONDITION,
                "Say which revision of %.*s you changed; the last is %lld. Nothing was changed.", STR(h->id),
                (long long)h->rev);
  if (base < 0 || base == h->rev) return E_OK;
  if (base > h->rev)
    return fail(cx, E_STALE, "%.*s has no revision %lld; the last is %lld. Nothing was changed.", STR(h->id),
                (long long)base, (long long)h->rev);
  return fail(cx, E_STALE, "%.*s saved rev %lld while you edited rev %lld. Nothing was overwritten.",
              STR(people_name(cx, w->call->store, h->changed_by)), (long long)h->rev, (long long)base);
}

Err edit_open(Cx *cx, const Write *w, Str id, bool base_needed, Target *out) {
  TRY(target_get(cx, w, id, out));
  TRY(edit_allowed(cx, &w->who, &out->record));
  TRY(base_check(cx, w, out, base_needed));
  if (state_editable(out->head.type, out->head.state)) return E_OK;
  return fail(cx, E_CONFLICT, "%.*s rev %lld is %.*s and cannot be edited. Nothing was changed.",
              STR(out->head.id), (long long)out->head.rev, STR(choice_words(cx->arena, out->head.state)));
}

Err edit_close(Cx *cx, const Write *w, const Target *t, Record *r) {
  Str body;
  TRY(record_body(cx, r, &body));
  if (hash_eq(sha256(body), t->record.hash)) {
    put_result(w->call->result, &t->head);
    return E_OK;
  }
  TRY(edit_allowed(cx, &w->who, r));   /* it may have moved to another product */
  if (t->head.in_force_rev && !w->keeps_state) TRY(reason_given(cx, w->call->reason));
  Head h;
  TRY(write_revision(cx, w, r, &t->head, &t->record, &h));
  put_result(w->call->result, &h);
  return E_OK;
}

static Err run_save(Cx *cx, Call *call) {
  Write w;
  Target t;
  TRY(write_open(cx, call, "record.save", &w));
  TRY(edit_open(cx, &w, json_text(call->args, "id"), true, &t));
  Record r = record_copy(cx->arena, &t.record);
  TRY(record_merge(cx, call->store, json_get(call->args, "input"), &r));
  return edit_close(cx, &w, &t, &r);
}

/* ---- step --------------------------------------------------------------------------------------------- */

static Str steps_from(Cx *cx, const Lifecycle *l, Str state) {
  Buf b = buf_new(cx->arena, 4096);
  for (size_t i = 0; i < l->nsteps; i++)
    if (life_step(l, str_of(l->steps[i].name), state) == &l->steps[i])
      buf_fmt(&b, "%s%s", b.n ? ", " : "", l->steps[i].name);
  return b.n ? buf_str(&b) : S("none");
}

static Err step_unknown(Cx *cx, const RecordType *t, Str name) {
  Str *names = NEW_ARRAY(cx->arena, t->life->nsteps, Str);
  for (size_t i = 0; i < t->life->nsteps; i++) names[i] = str_of(t->life->steps[i].name);
  Str near = str_nearest(name, names, t->life->nsteps);
  problem(cx, S("step"), "unknown", "a %s has no step '%.*s'%s%.*s", t->name, STR(str_slice(name, 0, 64)),
          near.n ? "; the nearest is " : "", STR(near));
  return problems_fail(cx);
}

Err step_find(Cx *cx, const Head *h, Str name, const Step **out) {
  const Lifecycle *l = h->type->life;
  bool known = false;
  for (size_t i = 0; i < l->nsteps; i++) known = known || str_eq(name, str_of(l->steps[i].name));
  if (!known) return step_unknown(cx, h->type, name);
  *out = life_step(l, name, h->state);
  if (*out) return E_OK;
  return fail(
      cx, E_CONFLICT,
      "%.*s is in the state %.*s, where '%.*s' cannot be taken. Nothing was changed. Steps from here: %.*s.",
      STR(h->id), STR(h->state), STR(name), STR(steps_from(cx, l, h->state)));
}

/* A signature needs more than a session; the sample company's story, played once, is the exception and says so. */
static Err step_signed(Cx *cx, Write *w, Target *t, const Step *step) {
  const Call *c = w->call;
  if (!str_eq(c->auth, S("demo")) || !str_eq(c->source, S("demo")))
    return fail(cx, E_DENIED,
                "'%s' on %.*s is a signature and needs the password. Nothing was changed. Sign on its page, or run: "
                "proofline sign %.*s %s",
                step->label, STR(t->head.id), STR(t->head.id), step->name);
  TRY(sign_sample(cx, w, &t->record, step));
  TRY(head_get(cx, c->store, t->head.id, &t->head));
  put_result(c->result, &t->head);
  return E_OK;
}

static Err run_step(Cx *cx, Call *call) {
  Write w;
  Target t;
  const Step *step;
  TRY(write_open(cx, call, "record.step", &w));
  TRY(target_get(cx, &w, json_text(call->args, "id"), &t));
  TRY(base_check(cx, &w, &t, true));
  TRY(step_find(cx, &t.head, json_text(call->args, "step"), &step));
  TRY(step_allowed(cx, call->store, &w.who, &t.record, step, NULL));
  if (step->flags & STEP_REASON) TRY(reason_given(cx, call->reason));
  if (step->flags & STEP_SIGN) return step_signed(cx, &w, &t, step);
  TRY(write_step(cx, &w, step, &t.head));
  TRY(step_entered(cx, call, t.head.id, step));
  put_result(call->result, &t.head);
  return E_OK;
}

/* ---- links -------------------------------------------------------------------------------------------- */

/* A link as it was named: from either end; it is stored with one. */
typedef struct LinkAt {
  Target from;
  Record record;
  const Field *field;
  Value *value;
  size_t at;
  Str to;
} LinkAt;

static Err link_unknown(Cx *cx, const RecordType *t, Str name) {
  Str *names = NEW_ARRAY(cx->arena, t->nfields + 1, Str);
  Buf all = buf_new(cx->arena, 8192);
  size_t n = 0;
  for (size_t i = 0; i < t->nfields; i++) {
    if (t->fields[i].kind != LINK) continue;
    buf_fmt(&all, "%s%s", n ? ", " : "", t->fields[i].name);
    names[n++] = str_of(t->fields[i].name);
  }
  Str near = str_nearest(name, names, n);
  problem(cx, S("link"), "unknown", "a %s has no link '%.*s'%s%.*s; its links are: %.*s", t->name,
          STR(str_slice(name, 0, 64)), near.n ? "; the nearest is " : "", STR(near),
          STR(n ? buf_str(&all) : S("none")));
  return problems_fail(cx);
}

static Err link_open(Cx *cx, const Write *w, LinkAt *out) {
  JVal *args = w->call->args;
  Str id = json_text(args, "id"), name = json_text(args, "link"), to = json_text(args, "to");
  bool inverse;
  size_t at;
  const LinkName *l = link_name(name, &inverse);
  TRY(edit_open(cx, w, inverse ? to : id, false, &out->from));
  out->to = inverse ? id : to;
  out->record = record_copy(cx->arena, &out->from.record);
  out->field = l ? record_field(out->record.type, str_of(l->name), &at) : NULL;
  if (!out->field || out->field->kind != LINK) return link_unknown(cx, out->record.type, name);
  out->value = &out->record.values[at];
  for (out->at = 0; out->at < out->value->links.n; out->at++)
    if (str_eq_nocase(out->value->links.p[out->at].to, out->to)) break;
  return E_OK;
}

static Err link_absent(Cx *cx, const LinkAt *l) {
  return fail(cx, E_NOTFOUND, "%.*s has no link %s to %.*s. Nothing was changed.", STR(l->record.id),
              l->field->name, STR(str_slice(l->to, 0, ID_BYTES)));
}

/* The links of the field without the one at `at`, in an array of their own. */
static Value links_without(Cx *cx, const Value *v, size_t at) {
  Value out = { 0 };
  for (size_t i = 0; i < v->links.n; i++)
    if (i != at) vec_add(cx->arena, &out.links, v->links.p[i]);
  out.set = out.links.n > 0;
  return out;
}

static Err link_close(Cx *cx, const Write *w, LinkAt *l, Value v) {
  *l->value = v;
  merge_required(cx, &l->record);
  if (!cx->problems.n && l->record.type->check) TRY(l->record.type->check(cx, &l->record));
  TRY(problems_fail(cx));
  return edit_close(cx, w, &l->from, &l->record);
}

static Err run_link(Cx *cx, Call *call) {
  Write w;
  LinkAt l;
  Link made;
  bool ok;
  TRY(write_open(cx, call, "record.link", &w));
  TRY(link_open(cx, &w, &l));
  if (l.at < l.value->links.n) return edit_close(cx, &w, &l.from, &l.record);
  if (l.value->links.n && !(l.field->flags & MANY))
    problem(cx, str_of(l.field->name), "many", "takes one record, and %.*s is linked already",
            STR(l.value->links.p[0].to));
  Look look = look_new(cx, call->store, &l.record);
  TRY(link_new(cx, &look, l.field, l.to, &made, &ok));
  TRY(problems_fail(cx));
  Value v = links_without(cx, l.value, SIZE_MAX);
  vec_add(cx->arena, &v.links, made);
  v.set = true;
  return link_close(cx, &w, &l, v);
}

static Err run_unlink(Cx *cx, Call *call) {
  Write w;
  LinkAt l;
  TRY(write_open(cx, call, "record.unlink", &w));
  TRY(link_open(cx, &w, &l));
  if (l.at == l.value->links.n) return link_absent(cx, &l);
  TRY(reason_given(cx, call->reason));
  return link_close(cx, &w, &l, links_without(cx, l.value, l.at));
}

/* "I looked at both ends again and the link still holds." */
static Err run_confirm(Cx *cx, Call *call) {
  Write w;
  LinkAt l;
  Head target;
  TRY(write_open(cx, call, "record.confirm", &w));
  w.keeps_state = true;
  TRY(link_open(cx, &w, &l));
  if (l.at == l.value->links.n) return link_absent(cx, &l);
  TRY(head_get(cx, call->store, l.to, &target));
  Value v = links_without(cx, l.value, SIZE_MAX);
  v.links.p[l.at].seen = target.fingerprint;
  v.links.p[l.at].self = record_fingerprint(cx, &l.record);
  *l.value = v;
  return edit_close(cx, &w, &l.from, &l.record);
}

/* ---- the table ---------------------------------------------------------------------------------------- */

#define ID { "id", ARG_TEXT, true, "the record" }
#define BASE { "base", ARG_INT, false, "the revision that was looked at" }
#define LINKED                                                                                               \
  { "link", ARG_TEXT, true, "name of the link, from either end" }, {                                         \
    "to", ARG_TEXT, true, "the other record"                                                                 \
  }
static const ArgSpec new_args[] = { { "type", ARG_TEXT, true, "name of the type" },
                                    { "id", ARG_TEXT, false, "an id of one's own" },
                                    { "input", ARG_OBJECT, true, "title, owner, products, fields, links" } };
static const ArgSpec save_args[] = { ID, BASE, { "input", ARG_OBJECT, true, "what changes; null clears" } };
static const ArgSpec step_args[] = { ID, BASE, { "step", ARG_TEXT, true, "name of the step" } };
static const ArgSpec link_args[] = { ID, BASE, LINKED };
static const ArgSpec confirm_args[] = { ID, LINKED };
static const ArgSpec sign_args_spec[] = { { "step", ARG_TEXT, false, "default: what each waits for" },
                                          { "ids", ARG_LIST, true, "the records, 50 at most" },
                                          { "nonce", ARG_TEXT, true, "of the ceremony" },
                                          { "shown", ARG_INT, true, "when it was opened" },
                                          { "ticket", ARG_TEXT, true, "of what was shown" },
                                          { "session", ARG_TEXT, true, "to whom it was shown" },
                                          { "code", ARG_TEXT, false, "of the second factor" } };
static const ArgSpec sign_failed_args[] = { { "nonce", ARG_TEXT, true, "of the ceremony" } };
static const ArgSpec attach_args[] = { ID,
                                       BASE,
                                       { "name", ARG_TEXT, true, "name of the file; the bytes are the payload" } };
static const ArgSpec detach_args[] = { ID, BASE, { "sha256", ARG_TEXT, true, "of the file" } };
static const ArgSpec load_args[] = { { "rows", ARG_LIST, false,
                                       "id, type, input of each; or the same list as payload" } };

const Command record_commands[] = {
  { "record.new", ROWS(new_args), "record.write", run_new, "makes a record" },
  { "record.save", ROWS(save_args), "record.write", run_save, "changes fields of a record" },
  { "record.step", ROWS(step_args), "record.write", run_step, "takes a step of the lifecycle" },
  { "record.link", ROWS(link_args), "record.write", run_link, "links two records" },
  { "record.unlink", ROWS(link_args), "record.write", run_unlink, "takes a link away, with a reason" },
  { "record.confirm", ROWS(confirm_args), "record.write", run_confirm,
    "confirms that a suspect link still holds" },
  { "record.sign", ROWS(sign_args_spec), "record.sign", run_sign, "signs what was shown, with the password" },
  { "record.sign_failed", ROWS(sign_failed_args), "session", run_sign_failed, "counts a wrong try to sign" },
  { "record.attach", ROWS(attach_args), "record.write", run_attach, "adds a file to a record" },
  { "record.detach", ROWS(detach_args), "record.write", run_detach, "takes a file from a record, with a reason" },
  { "record.load", ROWS(load_args), "record.write", record_load,
    "makes many records at once, all or nothing" },
};
const size_t nrecord_commands = COUNT(record_commands);
