/* cpe_judge.c - is this component what a program calls vulnerable?  NISTIR 7696 names, generic version order, and
 * three truth values, because an SBOM seldom says what a component runs on. */
#include "vuln/cpe_judge.h"
#include <string.h>

/* ---- which products a component may be ----------------------------------------------------------------- */

static void add_product(CpeSubject *s, size_t at, bool subset) {
  if (s->n == CPE_NAMES_MOST) return;
  s->product[s->n] = (uint32_t)at;
  s->subset[s->n++] = subset;
}

/* An open vendor or part may be any; an open product is no name. */
void cpe_find(CpeSubject *s) {
  const Snapshot *snap = s->snap;
  Str name = s->cpe.value[CPE_PRODUCT];
  if (!cpe_is_literal(name)) return;
  for (size_t i = snap_product(snap, s->hash, name); i < snap->ncpes; i++) {
    const SnapCpe *c = &snap->cpes[i];
    if (!str_eq(snap_str(snap, c->product), name)) break;
    if (str_eq(snap_str(snap, c->part), S("n"))) continue;
    CpeRelation part = cpe_relation(snap_str(snap, c->part), s->cpe.value[CPE_PART]),
                vendor = cpe_relation(snap_str(snap, c->vendor), s->cpe.value[CPE_VENDOR]);
    bool away = part == CPE_DISJOINT || vendor == CPE_DISJOINT;
    if (!away) add_product(s, i, part != CPE_EQUAL || vendor != CPE_EQUAL);
  }
}

static void take_version(CpeSubject *s, Str own, Str update, Str other) {
  s->na = str_eq(own, S("-"));
  s->version = cpe_is_literal(own) ? version_with_update(s->arena, own, update) : s->na ? STR_NONE : other;
  s->keyed = s->version.n && version_key(s->arena, SCHEME_GENERIC, s->version, &s->key);
  s->bare = cpe_is_literal(own) ? cpe_plain(s->arena, own) : s->version;
  if (s->bare.n) (void)version_key(s->arena, SCHEME_GENERIC, s->bare, &s->bare_key);
}

CpeSubject cpe_subject(Arena *a, const Snapshot *snap, const Cpe *c, Str version, Str purl_type) {
  CpeSubject s = { .arena = a, .snap = snap, .cpe = *c, .type = purl_type };
  take_version(&s, c->value[CPE_VERSION], c->value[CPE_UPDATE], version);
  s.hash = snap_hash(S(""), c->value[CPE_PRODUCT]);
  return s;
}

CpeSubject name_subject(Arena *a, const Snapshot *snap, Str name, Str version) {
  CpeSubject s = { .arena = a, .snap = snap, .words = true };
  Str folded = name_folded(a, name);
  for (size_t i = 0; i < CPE_ATTRIBUTES; i++) s.cpe.value[i] = S("*");
  take_version(&s, S("*"), S("*"), version);
  for (size_t i = snap_product(snap, snap_hash(S(""), folded), folded); folded.n && i < snap->ncpes; i++) {
    if (!str_eq(snap_str(snap, snap->cpes[i].product), folded)) break;
    if (str_eq(snap_str(snap, snap->cpes[i].part), S("n"))) add_product(&s, i, false);
  }
  return s;
}

/* ---- target_sw against the kind of package ------------------------------------------------------------- */

enum {
  SW_JS = 1,
  SW_PYTHON = 2,
  SW_RUBY = 4,
  SW_JAVA = 8,
  SW_PHP = 16,
  SW_RUST = 32,
  SW_GO = 64,
  SW_NET = 128,
  SW_PERL = 256,
  SW_OTHER = 512
};
static const struct {
  const char *word;
  unsigned kind;
} kinds[] = {
  { "node.js", SW_JS },    { "python", SW_PYTHON },   { "pypi", SW_PYTHON },
  { "ruby", SW_RUBY },     { "rails", SW_RUBY },      { "ruby_on_rails", SW_RUBY },
  { "java", SW_JAVA },     { "maven", SW_JAVA },      { "jenkins", SW_JAVA },
  { "php", SW_PHP },       { "wordpress", SW_PHP },   { "drupal", SW_PHP },
  { "joomla\\!", SW_PHP }, { "typo3", SW_PHP },       { "magento", SW_PHP },
  { "rust", SW_RUST },     { "go", SW_GO },           { "golang", SW_GO },
  { ".net", SW_NET },      { "asp.net", SW_NET },     { "perl", SW_PERL },
  { "android", SW_OTHER }, { "iphone_os", SW_OTHER }, { "visual_studio_code", SW_OTHER },
};
static const struct {
  const char *type;
  unsigned kind;
} types[] = {
  { "npm", SW_JS },     { "pypi", SW_PYTHON }, { "gem", SW_RUBY },  { "maven", SW_JAVA }, { "composer", SW_PHP },
  { "cargo", SW_RUST }, { "golang", SW_GO },   { "nuget", SW_NET }, { "cpan", SW_PERL },
};

/* A package of npm is not what a criterion for Python names; what neither list knows may be anything. */
static bool software_conflicts(Str target_sw, Str purl_type) {
  unsigned want = 0, have = 0;
  for (size_t i = 0; i < COUNT(kinds); i++)
    if (str_eq(target_sw, str_of(kinds[i].word))) want = kinds[i].kind;
  for (size_t i = 0; i < COUNT(types); i++)
    if (str_eq(purl_type, str_of(types[i].type))) have = types[i].kind;
  return want && have && !(want & have);
}

/* ---- leaves -------------------------------------------------------------------------------------------- */

typedef enum Truth { NO, MAYBE, YES } Truth;
typedef struct Value {
  Truth truth;
  unsigned why;
  bool own, vulnerable, hit; /* speaks of the component; calls it vulnerable; and does so with effect */
  uint32_t leaf;             /* the own one that decided; SNAP_NONE */
  size_t first_name, names;  /* of what it depends on */
} Value;

/* What a program depends on; and a platform that was found. */
typedef struct Names {
  uint32_t *p;
  size_t n;
  const SnapLeaf *met;
  const CpeSubject *met_by;
} Names;

static Truth unsure(unsigned *why, unsigned reason) {
  *why |= reason;
  return MAYBE;
}

static Truth rest_holds(const CpeSubject *s, const SnapLeaf *l, unsigned *why) {
  static const int at[REST_COUNT] = { CPE_EDITION,   CPE_LANGUAGE,  CPE_SW_EDITION,
                                      CPE_TARGET_SW, CPE_TARGET_HW, CPE_OTHER };
  Truth all = YES;
  if (l->flags & LEAF_REST_OPEN) return YES;
  for (size_t i = 0; i < REST_COUNT; i++) {
    Str want = snap_str(s->snap, s->snap->rests[l->rest].value[i]);
    if (str_eq(want, S("*"))) continue;
    CpeRelation r = cpe_relation(want, s->cpe.value[at[i]]);
    if (r == CPE_DISJOINT) return NO;
    if (r == CPE_UNDEFINED) all = unsure(why, WHY_SUBSET);
    if (i == REST_TARGET_SW && r == CPE_SUBSET && software_conflicts(want, s->type)) return NO;
  }
  return all;
}

/* Under the generic order a number and a word at the front say nothing about each other. */
static bool other_shape(const CpeSubject *s, uint32_t key) {
  Str bound = snap_str(s->snap, key);
  return bound.n && key_is_numbered(bound) != key_is_numbered(s->key);
}

static int against(const CpeSubject *s, uint32_t key) { return key_cmp(s->key, snap_str(s->snap, key)); }

static Truth range_holds(const CpeSubject *s, const SnapLeaf *l, unsigned *why) {
  if ((l->flags & LEAF_LO_NONE) && (l->flags & LEAF_HI_NONE)) return YES;
  if (s->na || !s->keyed || (l->flags & LEAF_UNREADABLE)) return unsure(why, WHY_ORDER);
  if (other_shape(s, l->lo_key) || other_shape(s, l->hi_key)) return unsure(why, WHY_ORDER);
  int lo = (l->flags & LEAF_LO_NONE) ? 1 : against(s, l->lo_key),
      hi = (l->flags & LEAF_HI_NONE) ? -1 : against(s, l->hi_key);
  bool above = lo > 0 || (lo == 0 && !(l->flags & LEAF_LO_EXCL)),
       below = hi < 0 || (hi == 0 && (l->flags & LEAF_HI_INCL));
  return above && below ? YES : NO;
}

/* A criterion's update that stands open leaves the component's aside. */
static Truth literal_holds(const CpeSubject *s, const SnapLeaf *l, unsigned *why) {
  Str update = snap_str(s->snap, l->update);
  bool own_update = cpe_is_literal(s->cpe.value[CPE_UPDATE]), bare = own_update && str_eq(update, S("*"));
  Str version = bare ? s->bare : s->version, key = bare ? s->bare_key : s->key;
  if (s->na || (own_update && str_eq(update, S("-")))) return NO;
  if (key.n && l->key) return key_cmp(key, snap_str(s->snap, l->key)) == 0 ? YES : NO;
  if (str_eq_nocase(version_with_update(s->arena, snap_str(s->snap, l->version), update), version)) return YES;
  return unsure(why, WHY_ORDER);
}

static Truth version_holds(const CpeSubject *s, const SnapLeaf *l, unsigned *why) {
  Str version = snap_str(s->snap, l->version);
  if (l->flags & LEAF_RANGE) return range_holds(s, l, why);
  if (str_eq(version, S("*"))) return YES;
  if (str_eq(version, S("-"))) {
    bool hardware = str_eq(snap_str(s->snap, s->snap->cpes[l->cpe].part), S("h"));
    return s->na || hardware || !(l->flags & LEAF_VULNERABLE) ? YES : unsure(why, WHY_UNVERSIONED);
  }
  if (cpe_is_literal(version)) return literal_holds(s, l, why);
  if (s->na) return NO;
  CpeRelation r = cpe_relation(version, s->cpe.value[CPE_VERSION]); /* a pattern: as written */
  return r == CPE_SUPERSET ? YES : r == CPE_SUBSET ? unsure(why, WHY_ORDER) : NO;
}

bool leaf_is_own(const CpeSubject *s, const SnapLeaf *l) {
  for (size_t i = 0; i < s->n; i++)
    if (s->product[i] == l->cpe) return true;
  return false;
}

static bool is_subset(const CpeSubject *s, const SnapLeaf *l) {
  for (size_t i = 0; i < s->n; i++)
    if (s->product[i] == l->cpe) return s->subset[i];
  return false;
}

/* Another component of the same inventory that is what the leaf names, without any doubt. */
static const CpeSubject *neighbour(const CpeSubject *s, const SnapLeaf *l) {
  const CpeAround *a = s->around;
  size_t lo = 0, hi = a ? a->n : 0;
  while (lo < hi) {
    size_t mid = (lo + hi) / 2;
    if (a->p[mid].cpe < l->cpe) lo = mid + 1;
    else hi = mid;
  }
  for (; a && lo < a->n && a->p[lo].cpe == l->cpe; lo++) {
    const CpeSubject *other = a->p[lo].subject;
    unsigned why = 0;
    if (a->p[lo].owner != s->owner && !is_subset(other, l) && rest_holds(other, l, &why) == YES &&
        version_holds(other, l, &why) == YES)
      return other;
  }
  return NULL;
}

static Value platform_value(const CpeSubject *s, const SnapLeaf *l, Names *names) {
  const CpeSubject *other = neighbour(s, l);
  Value v = { .truth = MAYBE, .leaf = SNAP_NONE, .first_name = names->n, .why = WHY_PLATFORM, .names = 1 };
  if (!other) return v;
  if (!names->met) {
    names->met = l;
    names->met_by = other;
  }
  v.truth = YES;
  v.why = 0;
  v.names = 0;
  return v;
}

static Value leaf_value(const CpeSubject *s, uint32_t at, Names *names) {
  const SnapLeaf *l = &s->snap->leaves[at];
  Value v = { .truth = MAYBE, .leaf = SNAP_NONE, .first_name = names->n };
  if (!leaf_is_own(s, l)) return platform_value(s, l, names);
  v.own = true;
  v.vulnerable = (l->flags & LEAF_VULNERABLE) != 0;
  v.leaf = at;
  Truth rest = rest_holds(s, l, &v.why);
  v.truth = rest == NO ? NO : version_holds(s, l, &v.why);
  if (rest < v.truth) v.truth = rest;
  if (v.truth == YES && s->words && !s->given) v.truth = unsure(&v.why, WHY_NAME);
  if (v.truth == YES && is_subset(s, l)) v.truth = unsure(&v.why, WHY_SUBSET);
  if (v.truth != MAYBE) v.why = 0;
  v.hit = v.vulnerable && v.truth != NO;
  return v;
}

/* ---- programs ------------------------------------------------------------------------------------------ */

static uint32_t either_leaf(const Value *a, const Value *b) {
  if (a->leaf == SNAP_NONE || b->leaf == SNAP_NONE) return a->leaf == SNAP_NONE ? b->leaf : a->leaf;
  return b->hit && (!a->hit || b->truth > a->truth) ? b->leaf : a->leaf;
}

/* The names of two neighbours on the stack are neighbours too: keep those of one, of both, or none. */
static void keep_names(Names *names, Value *out, const Value *a, const Value *b) {
  size_t from_b = b ? b->names : 0, from_a = a ? a->names : 0, at = out->first_name;
  if (from_b) memmove(names->p + at + from_a, names->p + b->first_name, from_b * sizeof *names->p);
  out->names = from_a + from_b;
  names->n = at + out->names;
}

static Value value_or(Names *names, const Value *a, const Value *b) {
  Value v = { .first_name = a->first_name };
  if (a->own != b->own) { /* the alternative that speaks of the component stands alone */
    v = a->own ? *a : *b;
    v.first_name = a->first_name;
    keep_names(names, &v, a->own ? a : NULL, a->own ? NULL : b);
    return v;
  }
  v.truth = a->truth > b->truth ? a->truth : b->truth;
  v.own = a->own;
  v.vulnerable = a->vulnerable || b->vulnerable;
  v.hit = (a->hit && a->truth != NO) || (b->hit && b->truth != NO);
  v.leaf = either_leaf(a, b);
  if (v.truth == MAYBE) v.why = a->why | b->why;
  keep_names(names, &v, v.truth == MAYBE ? a : NULL, v.truth == MAYBE ? b : NULL);
  return v;
}

static Value value_and(Names *names, const Value *a, const Value *b) {
  Value v = { .truth = a->truth < b->truth ? a->truth : b->truth,
              .own = a->own || b->own,
              .vulnerable = a->vulnerable || b->vulnerable,
              .hit = a->hit || b->hit,
              .leaf = either_leaf(a, b),
              .first_name = a->first_name };
  if (v.truth == MAYBE) v.why = a->why | b->why;
  keep_names(names, &v, v.truth == MAYBE ? a : NULL, v.truth == MAYBE ? b : NULL);
  return v;
}

static Value value_not(Value v) {
  v.truth = v.truth == MAYBE ? MAYBE : v.truth == YES ? NO : YES;
  v.hit = v.vulnerable && v.truth != NO;
  return v;
}

/* Of alternatives those that speak of the component stand alone, and depend on nothing else. */
static Value choose(const CpeSubject *s, const SnapProg *p) {
  Value all = { .leaf = SNAP_NONE };
  Names none = { 0 };
  for (uint32_t i = 0; i < p->ops; i++) {
    const SnapOp *op = &s->snap->ops[p->first_op + i];
    if (op->kind != OP_LEAF || !leaf_is_own(s, &s->snap->leaves[op->leaf])) continue;
    Value one = leaf_value(s, op->leaf, &none);
    all = all.own ? value_or(&none, &all, &one) : one;
  }
  return all;
}

static Value evaluate(const CpeSubject *s, const SnapProg *p, Names *names) {
  names->p = NEW_ARRAY(s->arena, p->ops + 1, uint32_t);
  Value stack[PROG_DEPTH_MOST] __attribute__((uninitialized)); /* 4 KiB, of which most programs need little */
  size_t n = 0;
  for (uint32_t i = 0; i < p->ops; i++) {
    const SnapOp *op = &s->snap->ops[p->first_op + i];
    if (op->kind == OP_LEAF) {
      stack[n] = leaf_value(s, op->leaf, names);
      if (stack[n++].names) names->p[names->n++] = op->leaf;
    } else if (op->kind == OP_UNKNOWN) {
      stack[n++] = (Value){ .truth = MAYBE, .why = WHY_STATUS, .leaf = SNAP_NONE, .first_name = names->n };
    } else if (op->kind == OP_NOT) {
      stack[n - 1] = value_not(stack[n - 1]);
    } else {
      Value v = op->kind == OP_AND ? value_and(names, &stack[n - 2], &stack[n - 1])
                                   : value_or(names, &stack[n - 2], &stack[n - 1]);
      stack[--n - 1] = v;
    }
  }
  return stack[0];
}

static Rule rule_of(unsigned why) {
  static const struct {
    unsigned why;
    Rule rule;
  } rules[] = {
    { WHY_NAME, RULE_NAME },      { WHY_SUBSET, RULE_SUBSET }, { WHY_UNVERSIONED, RULE_UNVERSIONED },
    { WHY_ORDER, RULE_ORDER }, { WHY_STATUS, RULE_UNKNOWN },
  };
  for (size_t i = 0; i < COUNT(rules); i++)
    if (why & rules[i].why) return rules[i].rule;
  return RULE_PLATFORM;
}

CpeAnswer program_judge(CpeSubject *s, uint32_t prog) {
  const SnapProg *p = &s->snap->progs[prog];
  ArenaMark mark = arena_mark(s->arena);
  Names names = { 0 };
  Value v = { .own = false };
  if (p->flags & PROG_CHOICE) v = choose(s, p);
  if (!v.own) v = evaluate(s, p, &names);
  CpeAnswer a = { .outcome = OUTCOME_NOT_AFFECTED, .rule = RULE_RANGE, .prog = prog };
  if (v.leaf != SNAP_NONE) a.leaf = &s->snap->leaves[v.leaf];
  if (p->flags & PROG_NEGATIVE) {
    a.outcome = v.truth == YES || (v.truth == MAYBE && s->words && v.hit) ? OUTCOME_NOT_AFFECTED : OUTCOME_NOT_LISTED;
    a.rule = RULE_SAID_SAFE;
  } else if (v.truth == YES && v.hit) {
    a.outcome = OUTCOME_AFFECTED;
    a.met = names.met;
    a.met_by = names.met_by;
    a.rule = a.leaf && (a.leaf->flags & LEAF_RANGE) ? RULE_RANGE : RULE_LISTED;
  } else if (v.truth == MAYBE && v.hit) {
    a.outcome = v.why == WHY_PLATFORM ? OUTCOME_AFFECTED_IF : OUTCOME_UNCERTAIN;
    a.rule = rule_of(v.why);
    a.platform = names.p;
    a.nplatforms = names.n;
    return a;
  }
  arena_release(s->arena, mark);
  return a;
}

bool leaf_fixes(CpeSubject *s, const SnapLeaf *l) {
  bool ends = leaf_is_own(s, l) && (l->flags & LEAF_VULNERABLE) && (l->flags & LEAF_RANGE) &&
              !(l->flags & (LEAF_HI_NONE | LEAF_HI_INCL | LEAF_UNREADABLE));
  return ends && (!s->keyed || against(s, l->hi_key) < 0);
}
