/* What is said of a vulnerability to the outside: one statement for each vulnerability, device and package. */
#include "app/decide.h"

static Str text_of(const Record *r, const char *field) {
  const Value *v = record_value(r, field);
  return v ? v->s : STR_NONE;
}

void texts_add(Cx *cx, void *list, Str s) {
  Texts *t = list;
  for (size_t i = 0; i < t->n; i++)
    if (str_eq(t->p[i], s)) return;
  if (s.n) vec_add(cx->arena, t, s);
}

void texts_links(Cx *cx, void *list, const Record *r, const char *field) {
  const Value *v = record_value(r, field);
  for (size_t i = 0; v && i < v->links.n; i++) texts_add(cx, list, v->links.p[i].to);
}

void texts_put(JsonOut *o, const char *key, const void *list) {
  const Texts *t = list;
  json_key(o, key);
  json_array(o);
  for (size_t i = 0; i < t->n; i++) json_put_str(o, t->p[i]);
  json_array_end(o);
}

static const char *vers_type(Str package) {
  static const char *const types[] = { "npm", "cargo", "golang", "pypi", "maven",   "nuget", "gem", "composer",
                                       "deb", "rpm",   "apk",    "cran", "hackage", "hex",   "pub", "conan" };
  for (size_t i = 0; i < COUNT(types); i++)
    if (str_starts(package, S("pkg:")) && str_starts(str_slice(package, 4, package.n), str_of(types[i])))
      return types[i];
  return "generic";
}

/* Beyond the release at hand a decision holds for the versions that were looked at, unless the person says otherwise.
 */
static Str versions_of(Cx *cx, const Decide *d, const Group *g) {
  Str given = json_text(d->call->args, "package_versions");
  if (str_eq(given, S("*")) || (!given.n && (str_eq(d->scope, S("this_release")) || !g->versions.n))) return STR_NONE;
  if (given.n) return given;
  Buf b = buf_new(cx->arena, 16 * 1024);
  buf_fmt(&b, "vers:%s/", vers_type(g->package));
  for (size_t i = 0; i < g->versions.n; i++) {
    if (i) buf_byte(&b, '|');
    url_text(&b, g->versions.p[i]);
  }
  return buf_str(&b);
}

static const char *const copied[] = { "justification", "cyclonedx", "fixed_in", "valid_until" };

static void put_statement(Cx *cx, const Decide *d, const Group *g, JsonOut *o) {
  JVal *args = d->call->args;
  Str reason = str_trim(d->call->reason), action = json_text(args, "action");
  bool affected = str_eq(d->status, S("affected"));
  json_object(o);
  json_pair(o, "title", str_fmt(cx->arena, "%.*s: %.*s", STR(g->vuln), STR(choice_words(cx->arena, d->status))));
  json_key(o, "products");
  json_array(o);
  if (g->product.n) json_put_str(o, g->product);
  json_array_end(o);
  json_pair(o, "vulnerability", g->vuln);
  json_pair(o, "package", g->package);
  json_key(o, "package_versions");
  Str versions = versions_of(cx, d, g);
  json_put_str(o, versions.n ? versions : STR_NONE);
  json_pair(o, "status", d->status);
  json_pair(o, "scope", d->scope);
  for (size_t i = 0; i < COUNT(copied); i++) {
    Str v = json_text(args, copied[i]);
    json_key(o, copied[i]);
    json_put_str(o, v.n ? v : STR_NONE);
  }
  json_pair(o, "impact", reason);
  json_key(o, "action");
  json_put_str(o, affected ? (action.n ? action : reason) : STR_NONE);
  if (json_get(args, "evidence")) {
    json_key(o, "evidence");
    json_put_val(o, json_get(args, "evidence"));
  }
  if (json_get(args, "response")) {
    json_key(o, "response");
    json_put_val(o, json_get(args, "response"));
  }
  texts_put(o, "about", &g->about);
  texts_put(o, "in", &g->in);
  texts_put(o, "on", &g->on);
  json_object_end(o);
}

/* A statement about these findings alone is revised; one that also speaks of others is left as it is. */
static Err own_statement(Cx *cx, const Decide *d, const Group *g, Record *out, bool *found) {
  *found = false;
  for (size_t i = 0; i < d->cases.n && !*found; i++) {
    const Value *v = record_value(&d->cases.p[i].r, "stated_by");
    for (size_t k = 0; v && k < v->links.n && !*found; k++) {
      Record r;
      bool same = true;
      TRY(record_get(cx, d->call->store, v->links.p[k].to, 0, &r));
      if (str_eq(r.state, S("voided")) || !str_eq(text_of(&r, "package"), g->package) ||
          !str_eq(text_of(&r, "vulnerability"), g->vuln))
        continue;
      const Value *about = record_value(&r, "about");
      for (size_t a = 0; about && a < about->links.n; a++) {
        bool among = false;
        for (size_t j = 0; j < g->about.n; j++) among |= str_eq(g->about.p[j], about->links.p[a].to);
        same &= among;
      }
      if (!same) continue;
      *out = r;
      *found = true;
    }
  }
  return E_OK;
}

Err decide_state(Cx *cx, Decide *d, const Group *g, Str *id) {
  Record old;
  bool revise;
  JVal *result;
  Buf b = buf_new(cx->arena, 256 * 1024);
  JsonOut o = json_out(&b, false);
  TRY(own_statement(cx, d, g, &old, &revise));
  json_object(&o);
  if (revise) {
    json_pair(&o, "id", old.id);
    json_pair_int(&o, "base", old.rev);
  } else {
    json_pair(&o, "type", S("vex_statement"));
  }
  json_key(&o, "input");
  put_statement(cx, d, g, &o);
  json_object_end(&o);
  TRY(decide_sub(cx, d->call, revise ? "record.save" : "record.new", buf_str(&b), &result));
  *id = json_text(result, "id");
  return E_OK;
}
