/* match.c - is this version affected by this advisory?  OSV evaluation over rows, and the rules of distributions.
 *
 * Nothing that cannot be compared becomes "affected" or "not affected": it is uncertain, and says why. */
#include "vuln/match.h"

Str module_stream(Str rpmmod) {
  Str name, stream;
  bool two = str_cut(rpmmod, ':', &name, &stream);
  if (!two || !name.n) return STR_NONE;
  str_cut(stream, ':', &stream, &(Str){ 0 });
  return stream.n ? (Str){ rpmmod.p, name.n + 1 + stream.n } : STR_NONE;
}

static bool in_module_name(char c) { return is_alnum(c) || c == '-' || c == '_' || c == '.' || c == '+' || c == ':'; }

/* "Important: nodejs:18 security update".  Of two nobody says which package is of which. */
Str module_stream_in(Str words) {
  Str found = STR_NONE;
  for (size_t i = 0, n; i < words.n; i += n ? n : 1) {
    for (n = 0; i + n < words.n && in_module_name(words.p[i + n]); n++) {}
    Str token = str_slice(words, i, i + n), stream = module_stream(token);
    if (!stream.n || stream.n != token.n) continue;
    if (found.n && !str_eq(found, stream)) return STR_NONE;
    found = stream;
  }
  return found;
}

bool version_is_modular(Str version) {
  return str_find(version, S(".module")) != SIZE_MAX || str_find(version, S("+module")) != SIZE_MAX;
}

/* The key of a version of the subject under a scheme; kept, as most rows ask the same. */
static bool key_of(Subject *s, Scheme scheme, Str version, Str *key, uint64_t *first8) {
  size_t i = 0;
  while (i + 1 < COUNT(s->cache) && s->cache[i].made &&
         !(s->cache[i].scheme == scheme && s->cache[i].version.p == version.p && s->cache[i].version.n == version.n))
    i++;
  bool same = s->cache[i].made && s->cache[i].scheme == scheme && s->cache[i].version.p == version.p &&
              s->cache[i].version.n == version.n;
  if (!same) {
    s->cache[i].scheme = scheme;
    s->cache[i].version = version;
    s->cache[i].made = true;
    s->cache[i].valid = version_key(s->arena, scheme, version, &s->cache[i].key);
    if (s->cache[i].valid) s->cache[i].first8 = key_first8(s->cache[i].key);
  }
  if (!s->cache[i].valid) return false;
  *key = s->cache[i].key;
  *first8 = s->cache[i].first8;
  return true;
}

Subject subject_of(Arena *a, const Snapshot *snap, Identity id) {
  Subject s = { .arena = a, .snap = snap, .id = id, .public = id.version };
  if (id.scheme == SCHEME_PYPI) str_cut(id.version, '+', &s.public, &(Str){ 0 });
  s.modular = id.scheme == SCHEME_RPM && version_is_modular(id.version);
  s.releases = ecosystem_has_releases(id.base);
  if (id.scheme == SCHEME_COMPOSER) s.branch = str_starts(id.version, S("dev-")) || str_ends(id.version, S("-dev"));
  if (scheme_has_key(id.scheme) && id.version.n) (void)key_of(&s, id.scheme, id.version, &(Str){ 0 }, &(uint64_t){ 0 });
  return s;
}

typedef struct Bound {
  uint64_t first8;
  uint32_t key, text;
} Bound;

/* '<' '=' '>' '?' of version against a bound of a row. */
static char against(Subject *s, const SnapRow *r, Str version, Bound b) {
  Scheme scheme = (Scheme)r->scheme;
  if (!scheme_has_key(scheme)) return version_compare(scheme, version, snap_str(s->snap, b.text));
  if (scheme == SCHEME_PYPI && version.n != s->public.n && str_find_char(snap_str(s->snap, b.text), '+') == SIZE_MAX)
    version = s->public; /* a public bound does not see the local part */
  Str key;
  uint64_t first8;
  if (!key_of(s, scheme, version, &key, &first8)) return '?';
  if (scheme == SCHEME_GENERIC && b.key && key_is_numbered(key) != key_is_numbered(snap_str(s->snap, b.key)))
    return '?';
  if (first8 != b.first8) return first8 < b.first8 ? '<' : '>';
  int d = key_cmp(key, snap_str(s->snap, b.key));
  return d < 0 ? '<' : d > 0 ? '>' : '=';
}

static RowAnswer range_answer(Subject *s, const SnapRow *r, Str version) {
  if ((r->flags & ROW_LO_NONE) && (r->flags & ROW_HI_NONE)) return ROW_IN_RANGE;
  if (s->branch) return ROW_NOT_COMPARABLE;
  if (!(r->flags & ROW_LO_NONE)) {
    char c = against(s, r, version, (Bound){ r->lo8, r->lo_key, r->lo_text });
    if (c == '?') return ROW_NOT_COMPARABLE;
    if (c == '<' || (c == '=' && (r->flags & ROW_LO_EXCL))) return ROW_NO;
  }
  if (r->flags & ROW_HI_NONE) return ROW_IN_RANGE;
  char c = against(s, r, version, (Bound){ r->hi8, r->hi_key, r->hi_text });
  if (c == '?') return ROW_NOT_COMPARABLE;
  return c == '<' || (c == '=' && (r->flags & ROW_HI_INCL)) ? ROW_IN_RANGE : ROW_NO;
}

bool row_below_end(Subject *s, const SnapRow *r) {
  return s->branch || r->scheme == SCHEME_NONE ||
         against(s, r, s->id.version, (Bound){ r->hi8, r->hi_key, r->hi_text }) != '>';
}

static RowAnswer point_answer(Subject *s, const SnapRow *r) {
  Str listed = snap_str(s->snap, r->lo_text), key;
  uint64_t first8;
  if (str_eq(listed, s->id.version)) return ROW_LISTED;
  if (r->scheme == SCHEME_NONE || s->branch) return ROW_NO;
  if (!scheme_has_key((Scheme)r->scheme))
    return version_compare((Scheme)r->scheme, s->id.version, listed) == '=' ? ROW_LISTED : ROW_NO;
  if (!r->lo_key || !key_of(s, (Scheme)r->scheme, s->id.version, &key, &first8)) return ROW_NO;
  return first8 == r->lo8 && key_cmp(key, snap_str(s->snap, r->lo_key)) == 0 ? ROW_LISTED : ROW_NO;
}

/* ---- rpm: what the inventory left out ------------------------------------------------------------------ */

static Str epoch_of(Str version) {
  size_t colon = str_find_char(version, ':');
  Str epoch = colon == SIZE_MAX ? STR_NONE : str_slice(version, 0, colon);
  return epoch.n && all_digits(epoch) && !all_zero(epoch) ? epoch : STR_NONE;
}

/* Without an epoch in the inventory the advisory's own is tried too: what differs is not known. */
static bool epoch_matters(Subject *s, const SnapRow *r, RowAnswer without) {
  Str bound = (r->flags & ROW_HI_NONE) ? snap_str(s->snap, r->lo_text) : snap_str(s->snap, r->hi_text),
      epoch = epoch_of(bound);
  if (!s->id.epoch_unknown || !epoch.n) return false;
  Str with = str_fmt(s->arena, "%.*s:%.*s", STR(epoch), STR(s->id.version));
  return range_answer(s, r, with) != without;
}

/* Without a release (upstream version only) a bound of the same version says nothing. */
static bool release_matters(Subject *s, const SnapRow *r) {
  if (str_find_char(s->id.version, '-') != SIZE_MAX) return false;
  const uint32_t bounds[] = { r->lo_key, r->hi_key };
  Str key;
  uint64_t first8;
  if (!key_of(s, SCHEME_RPM, s->id.version, &key, &first8)) return false;
  for (size_t i = 0; i < COUNT(bounds); i++) {
    Str bound = snap_str(s->snap, bounds[i]);
    if (bound.n > key.n && str_eq(str_slice(bound, 0, key.n - 1), str_slice(key, 0, key.n - 1))) return true;
  }
  return false;
}

static RowAnswer affected_answer(Subject *s, const SnapRow *r) {
  if (r->flags & ROW_GIT) return ROW_ONLY_COMMITS;
  if (r->flags & ROW_NEVER) return ROW_NO;
  if (r->flags & ROW_POINT) return point_answer(s, r);
  if ((r->flags & ROW_UNREADABLE) || r->scheme == SCHEME_NONE) return ROW_NOT_COMPARABLE;
  RowAnswer a = range_answer(s, r, s->id.version);
  if (a == ROW_IN_RANGE && (r->flags & ROW_UNKNOWN)) return ROW_NOT_KNOWN;
  if (r->scheme != SCHEME_RPM || a == ROW_NOT_COMPARABLE) return a;
  if (epoch_matters(s, r, a)) return ROW_EPOCH;
  return release_matters(s, r) ? ROW_RELEASE : a;
}

RowAnswer row_answer(Subject *s, const SnapRow *r) {
  RowAnswer a = affected_answer(s, r);
  if (!(r->flags & ROW_SAFE)) return a;
  return a == ROW_LISTED || a == ROW_IN_RANGE ? ROW_SAID_SAFE : ROW_SILENT;
}

/* ---- one advisory -------------------------------------------------------------------------------------- */

/* Of the same module.  What was read out of a sentence may be no module at all: then it says nothing against a row. */
static bool other_stream(Str row, Str own) {
  Str row_module, own_module;
  bool both = str_cut(row, ':', &row_module, &(Str){ 0 }) && str_cut(own, ':', &own_module, &(Str){ 0 });
  return both && str_eq(row_module, own_module) && !str_eq(row, own);
}

/* Rows of another release say nothing, nor do rows of a module stream about packages of another or of none. */
bool row_applies(const Subject *s, const SnapRow *rows, size_t n, const SnapRow *r) {
  if (r->scheme == SCHEME_RPM && r->hi_text && ((r->flags & ROW_MODULAR) != 0) != s->modular) return false;
  if (r->stream && other_stream(snap_str(s->snap, r->stream), s->id.stream)) return false;
  if (!s->id.release.n || !s->releases) return true;
  Str release = snap_str(s->snap, r->release);
  if (release.n) return str_eq(release, s->id.release);
  for (size_t i = 0; i < n; i++) /* a row for every release, unless this one has its own */
    if (str_eq(snap_str(s->snap, rows[i].release), s->id.release)) return false;
  return true;
}

typedef struct RuleRow {
  RowAnswer answer;
  Outcome outcome;
  Rule rule;
} RuleRow;
static const RuleRow rules[] = {
  /* the first that any row gives wins */
  { ROW_LISTED, OUTCOME_AFFECTED, RULE_LISTED },
  { ROW_IN_RANGE, OUTCOME_AFFECTED, RULE_RANGE },
  { ROW_SAID_SAFE, OUTCOME_NOT_AFFECTED, RULE_SAID_SAFE },
  { ROW_EPOCH, OUTCOME_UNCERTAIN, RULE_EPOCH },
  { ROW_RELEASE, OUTCOME_UNCERTAIN, RULE_RELEASE },
  { ROW_NOT_COMPARABLE, OUTCOME_UNCERTAIN, RULE_ORDER },
  { ROW_NOT_KNOWN, OUTCOME_UNCERTAIN, RULE_UNKNOWN },
  { ROW_ONLY_COMMITS, OUTCOME_NOT_ASSESSABLE, RULE_GIT },
  { ROW_NO, OUTCOME_NOT_AFFECTED, RULE_RANGE },
};

/* Of unknown releases: affected in some and not in others is not known. */
static bool releases_differ(Subject *s, const SnapRow *rows, size_t n) {
  if (s->id.release.n || !s->releases) return false;
  bool yes = false, no = false;
  for (size_t i = 0; i < n; i++) {
    bool first = true, hit = false;
    for (size_t j = 0; j < i; j++) first &= rows[j].release != rows[i].release;
    for (size_t j = i; j < n && first; j++) {
      RowAnswer a = rows[j].release == rows[i].release ? row_answer(s, &rows[j]) : ROW_NO;
      hit |= a == ROW_LISTED || a == ROW_IN_RANGE;
    }
    if (first) {
      yes |= hit;
      no |= !hit;
    }
  }
  return yes && no;
}

Judgement advisory_judge(Subject *s, const SnapRow *rows, size_t n) {
  Judgement j = { .outcome = OUTCOME_NOT_LISTED, .first = rows, .n = n };
  size_t best = COUNT(rules);
  for (size_t i = 0; i < n; i++) {
    if (!row_applies(s, rows, n, &rows[i])) continue;
    RowAnswer a = row_answer(s, &rows[i]);
    if (a == ROW_SILENT) continue;
    size_t k = 0;
    while (rules[k].answer != a) k++;
    if (k >= best) continue;
    best = k;
    j.row = &rows[i];
  }
  if (best == COUNT(rules)) return j;
  j.outcome = rules[best].outcome;
  j.rule = rules[best].rule;
  if (releases_differ(s, rows, n)) {
    j.outcome = OUTCOME_UNCERTAIN;
    j.rule = RULE_DISTRO;
  }
  return j;
}
