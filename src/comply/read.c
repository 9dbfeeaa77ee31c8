/* Pack files: stanzas of `key: value`, separated by empty lines; a line that begins with a space goes on; #
 * comments. Strict, for a rule that is misread is a rule that is not checked: every fault names file and
 * line. */
#include "comply/inside.h"
#include <dirent.h>
#include <stdlib.h>

const char *const severity_words[] = { "info", "minor", "major", "blocker", NULL };

bool severity_find(Str word, RuleSeverity *out) {
  for (int i = 0; severity_words[i]; i++)
    if (str_eq_nocase(word, str_of(severity_words[i]))) { *out = (RuleSeverity)i; return true; }
  return false;
}

/* ---- stanzas ---------------------------------------------------------------------------------------- */

enum { KEYS_MOST = 16, RULES_MOST = 1000 };
typedef struct StanzaPair { Str key, value; size_t line; } StanzaPair;
typedef struct Stanza { StanzaPair pair[KEYS_MOST]; size_t n, line; } Stanza;
typedef struct Source { Str file, rest; size_t line; } Source;

static Err wrong(Cx *cx, Str file, size_t line, Str what) {
  return fail(cx, E_CONFIG, "%.*s, line %zu: %.*s", STR(file), line, STR(what));
}

static Err add_line(Cx *cx, Source *src, Str line, Stanza *s) {
  if (line.p[0] == ' ' || line.p[0] == '\t') {
    if (!s->n) return wrong(cx, src->file, src->line, S("nothing stands before this continuation"));
    Str *value = &s->pair[s->n - 1].value;
    *value = str_fmt(cx->arena, "%.*s %.*s", STR(*value), STR(str_trim(line)));
    return E_OK;
  }
  Str key, value;
  if (!str_cut(line, ':', &key, &value)) return wrong(cx, src->file, src->line, S("expected \"key: value\""));
  for (size_t i = 0; i < s->n; i++)
    if (str_eq(s->pair[i].key, key))
      return wrong(cx, src->file, src->line, str_fmt(cx->arena, "\"%.*s\" stands twice", STR(key)));
  if (s->n == KEYS_MOST) return wrong(cx, src->file, src->line, S("too many keys"));
  s->pair[s->n++] = (StanzaPair){ key, str_trim(value), src->line };
  return E_OK;
}

static Err next_stanza(Cx *cx, Source *src, Stanza *out, bool *got) {
  Stanza s = { 0 };
  for (Str line; str_line(&src->rest, &line);) {
    src->line++;
    if (!str_trim(line).n) { if (s.n) break; continue; }
    if (line.p[0] == '#') continue;
    if (!s.n) s.line = src->line;
    TRY(add_line(cx, src, line, &s));
  }
  *out = s;
  *got = s.n > 0;
  return E_OK;
}

/* Takes the value of a key; what is not taken is unknown. */
static Str take(Stanza *s, const char *key, size_t *line) {
  for (size_t i = 0; i < s->n; i++) {
    if (!str_eq(s->pair[i].key, str_of(key))) continue;
    Str value = s->pair[i].value;
    if (line) *line = s->pair[i].line;
    s->pair[i] = s->pair[--s->n];
    return value;
  }
  return STR_NONE;
}

static Err need(Cx *cx, const Source *src, Stanza *s, const char *key, Str *out) {
  *out = take(s, key, NULL);
  return out->n ? E_OK : wrong(cx, src->file, s->line, str_fmt(cx->arena, "\"%s\" is missing", key));
}

static Err nothing_left(Cx *cx, const Source *src, const Stanza *s) {
  if (!s->n) return E_OK;
  return wrong(cx, src->file, s->pair[0].line,
               str_fmt(cx->arena, "unknown key \"%.*s\"", STR(s->pair[0].key)));
}

/* ---- packs ------------------------------------------------------------------------------------------ */

typedef struct Loading { VEC(Pack) pack; VEC(Rule) rule; Map by_id; } Loading;

static void split(Cx *cx, Str text, Strs *out) {
  for (Str one; text.n;) {
    str_cut(text, ',', &one, &text);
    one = str_trim(one);
    if (one.n) vec_add(cx->arena, out, one);
  }
}

static Err read_pack(Cx *cx, Source *src, Stanza *s, Loading *l) {
  Pack p = { 0 };
  Str clauses;
  int32_t day;
  TRY(need(cx, src, s, "pack", &p.id));
  TRY(need(cx, src, s, "version", &p.version));
  TRY(need(cx, src, s, "date", &p.date));
  TRY(need(cx, src, s, "title", &p.title));
  TRY(need(cx, src, s, "subtitle", &p.subtitle));
  TRY(need(cx, src, s, "clauses", &clauses));
  TRY(nothing_left(cx, src, s));
  split(cx, clauses, &p.prefixes);
  if (!date_parse(p.date, &day)) return wrong(cx, src->file, s->line, S("date is not a date"));
  for (size_t i = 0; i < l->pack.n; i++)
    if (str_eq(l->pack.p[i].id, p.id)) return wrong(cx, src->file, s->line, S("this pack stands twice"));
  if (l->pack.n == 32) return wrong(cx, src->file, s->line, S("more than 32 packs"));
  vec_add(cx->arena, &l->pack, p);
  return E_OK;
}

uint32_t rule_packs(const Packs *p, const Strs *clauses) {
  uint32_t set = 0;
  for (size_t i = 0; i < p->npacks; i++)
    for (size_t k = 0; k < p->pack[i].prefixes.n; k++)
      for (size_t c = 0; c < clauses->n; c++)
        if (str_starts(clauses->p[c], p->pack[i].prefixes.p[k])) set |= UINT32_C(1) << i;
  return set;
}

/* ---- rules ------------------------------------------------------------------------------------------ */

typedef struct NameCheck { const Query *about; Str bad; } NameCheck;

static bool name_is_known(void *env, Str name) {
  static const char *const known[] = {
    "id", "title", "owner", "state", "type", "what", "product", "release"
  };
  NameCheck *c = env;
  for (size_t i = 0; i < COUNT(known); i++) if (str_eq(name, str_of(known[i]))) return true;
  for (size_t i = 0; record_type_at(i); i++)
    if ((!c->about || query_has_type(c->about, record_type_at(i))) &&
        record_field(record_type_at(i), name, NULL))
      return true;
  c->bad = name;
  return false;
}

static Err check_query(Cx *cx, const Source *src, size_t line, const char *key, Str text, Query **out) {
  QueryScope scope = { .now_us = cx->now_us };
  if (query_compile(cx, text, &scope, out) == E_OK) return E_OK;
  Str words = cx->words;
  cx_forgive(cx);
  return wrong(cx, src->file, line, str_fmt(cx->arena, "%s: %.*s", key, STR(words)));
}

/* The types that a rule is about, as the beginning of a query, so that its need is asked of just these. */
static Str with_types(Cx *cx, const Query *about, Str text) {
  Buf b = buf_new(cx->arena, 8192);
  size_t n = 0, all = 0;
  for (size_t i = 0; record_type_at(i); i++, all++) {
    if (!query_has_type(about, record_type_at(i))) continue;
    buf_z(&b, n++ ? "," : "type:");
    buf_z(&b, record_type_at(i)->name);
  }
  return n == all ? text : str_fmt(cx->arena, "%.*s %.*s", STR(buf_str(&b)), STR(text));
}

static Err check_rule(Cx *cx, const Source *src, Rule *r) {
  Query *about = NULL, *q;
  int ways = (r->about.n > 0) + (r->exists.n > 0) + (r->fact.n > 0);
  if (ways != 1 || (r->about.n > 0) != (r->need.n > 0) || (r->partly.n && !r->need.n))
    return wrong(cx, src->file, r->line, S("a rule has \"for\" and \"need\", or \"exists\", or \"fact\""));
  if (r->fact.n && !fact_find(r->fact))
    return wrong(cx, src->file, r->line, str_fmt(cx->arena, "there is no fact \"%.*s\"", STR(r->fact)));
  if (r->about.n) {
    TRY(check_query(cx, src, r->line, "for", r->about, &about));
    r->need = with_types(cx, about, r->need);
    TRY(check_query(cx, src, r->line, "need", r->need, &q));
    if (r->partly.n) r->partly = with_types(cx, about, r->partly);
  }
  if (r->partly.n) TRY(check_query(cx, src, r->line, "partly", r->partly, &q));
  if (r->exists.n) TRY(check_query(cx, src, r->line, "exists", r->exists, &q));
  if (r->when.n) TRY(check_query(cx, src, r->line, "when", r->when, &q));
  NameCheck names = { .about = about };
  if (!words_names(r->message, name_is_known, &names) || !words_names(r->fix, name_is_known, &names))
    return wrong(cx, src->file, r->line, str_fmt(cx->arena, "{%.*s} stands for nothing", STR(names.bad)));
  return E_OK;
}

static Err read_rule(Cx *cx, Source *src, Stanza *s, Loading *l) {
  Rule r = { .file = src->file, .line = s->line };
  Str severity, clauses;
  TRY(need(cx, src, s, "rule", &r.id));
  TRY(need(cx, src, s, "severity", &severity));
  TRY(need(cx, src, s, "title", &r.title));
  TRY(need(cx, src, s, "message", &r.message));
  TRY(need(cx, src, s, "why", &r.why));
  TRY(need(cx, src, s, "clauses", &clauses));
  TRY(need(cx, src, s, "fix", &r.fix));
  r.when = take(s, "when", NULL);
  r.about = take(s, "for", NULL);
  r.need = take(s, "need", NULL);
  r.partly = take(s, "partly", NULL);
  r.exists = take(s, "exists", NULL);
  r.fact = take(s, "fact", NULL);
  TRY(nothing_left(cx, src, s));
  if (!severity_find(severity, &r.severity))
    return wrong(cx, src->file, r.line, S("severity is blocker, major, minor or info"));
  if (map_get(&l->by_id, r.id) != MAP_NONE || l->rule.n >= RULES_MOST)
    return wrong(cx, src->file, r.line, str_fmt(cx->arena, "rule %.*s stands twice", STR(r.id)));
  map_put(&l->by_id, r.id, l->rule.n);
  split(cx, clauses, &r.clauses);
  TRY(check_rule(cx, src, &r));
  vec_add(cx->arena, &l->rule, r);
  return E_OK;
}

static Err read_file(Cx *cx, const PackFile *f, Err (*each)(Cx *, Source *, Stanza *, Loading *),
                     Loading *l) {
  Source src = { .file = f->name, .rest = f->bytes };
  Stanza s;
  if (!str_is_utf8(f->bytes)) return wrong(cx, f->name, 1, S("not UTF-8 text"));
  for (bool got;;) {
    TRY(next_stanza(cx, &src, &s, &got));
    if (!got) return E_OK;
    TRY(each(cx, &src, &s, l));
  }
}

static int by_name(const void *a, const void *b) {
  return str_cmp(((const PackFile *)a)->name, ((const PackFile *)b)->name);
}

static Err belongs_somewhere(Cx *cx, Packs *p) {
  for (size_t i = 0; i < p->nrules; i++) {
    Rule *r = &p->rule[i];
    r->packs = rule_packs(p, &r->clauses);
    if (!r->packs)
      return wrong(cx, r->file, r->line,
                   str_fmt(cx->arena, "no clause of rule %.*s belongs to a pack", STR(r->id)));
    for (size_t k = 0; k < p->npacks; k++) p->pack[k].nrules += (r->packs >> k) & 1;
  }
  return E_OK;
}

Err comply_load(Cx *cx, const PackFile *files, size_t n, const Packs **out) {
  Loading l = { .by_id = map_new(cx->arena, 256) };
  PackFile *sorted = NEW_ARRAY(cx->arena, n + 1, PackFile);
  Sha256 *hash = sha256_new(cx->arena);
  for (size_t i = 0; i < n; i++) sorted[i] = files[i];
  qsort(sorted, n, sizeof *sorted, by_name);
  Err e = E_OK;
  for (size_t i = 0; i < n && e == E_OK; i++) {
    bool list = str_ends(sorted[i].name, S(".list"));
    if (!list && !str_ends(sorted[i].name, S(".rules"))) continue;
    sha256_add(hash, str_fmt(cx->arena, "%.*s %zu\n", STR(sorted[i].name), sorted[i].bytes.n));
    sha256_add(hash, sorted[i].bytes);
    e = read_file(cx, &sorted[i], list ? read_pack : read_rule, &l);
  }
  Str digest = hash_hex(cx->arena, sha256_end(hash));
  TRY(e);
  if (!l.pack.n || !l.rule.n)
    return fail(cx, E_CONFIG, "The rule packs hold no pack or no rule. Give packs.list and *.rules.");
  Packs *p = NEW(cx->arena, Packs);
  *p = (Packs){ l.pack.p, l.pack.n, l.rule.p, l.rule.n, digest };
  TRY(belongs_somewhere(cx, p));
  *out = p;
  return E_OK;
}

Err comply_load_folder(Cx *cx, const char *folder, const Packs **out) {
  VEC(PackFile) files = { 0 };
  DIR *d = opendir(folder);
  if (!d) return fail(cx, E_CONFIG, "The folder of rule packs %s cannot be read.", folder);
  Err e = E_OK;
  for (struct dirent *entry; e == E_OK && (entry = readdir(d)) != NULL;) {
    PackFile f = { .name = str_dup(cx->arena, str_of(entry->d_name)) };
    if (!str_ends(f.name, S(".list")) && !str_ends(f.name, S(".rules"))) continue;
    e = file_read(cx, str_z(cx->arena, str_fmt(cx->arena, "%s/%.*s", folder, STR(f.name))), 1 << 20,
                  &f.bytes);
    if (e == E_OK) vec_add(cx->arena, &files, f);
  }
  closedir(d);
  TRY(e);
  return comply_load(cx, files.p, files.n, out);
}

const Pack *pack_find(const Packs *p, Str id) {
  for (size_t i = 0; i < p->npacks; i++) if (str_eq(p->pack[i].id, id)) return &p->pack[i];
  return NULL;
}

Err comply_explain(Cx *cx, const Packs *p, Str rule_id, const Rule **out) {
  Str *names = NEW_ARRAY(cx->arena, p->nrules + 1, Str), upper = str_upper(cx->arena, rule_id);
  for (size_t i = 0; i < p->nrules; i++) {
    names[i] = p->rule[i].id;
    if (str_eq(upper, names[i])) { *out = &p->rule[i]; return E_OK; }
  }
  Str near = str_nearest(upper, names, p->nrules);
  return fail(cx, E_NOTFOUND, "There is no rule %.*s.%s%.*s%s", STR(rule_id), near.n ? " " : "", STR(near),
              near.n ? " is the nearest." : " See: proofline check --rules");
}
