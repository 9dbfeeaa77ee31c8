/* suite_test.c - every file of every set of SBOMs in the folder PROOFLINE_DATA has an account.
 *
 * A file is read without a defect, or has a line in suite.data: what is made of it, words that must be said of it, and
 * why.  Of CycloneDX's own samples the name says it: valid-* has no defect, invalid-* has one or is refused. */
#include "supply/test_data.h"

/* clean: no error; defect: read, with an error among its problems; refused: not read */
typedef enum Made { CLEAN, DEFECT, REFUSED, MADE } Made;
static const char *const made_name[MADE] = { "clean", "defect", "refused" };

typedef struct Account { Str glob; Made made; Str words; } Account;
typedef struct Tally { Str set; uint32_t files, listed, made[MADE]; uint64_t components; } Tally;

static struct {
  Cx cx;
  VEC(Account) account;
  VEC(Tally) tally;
  uint32_t wrong;
} t;

/* '*' is any text. */
static bool fits(Str glob, Str path) {
  Str head, rest;
  if (!str_cut(glob, '*', &head, &rest)) return str_eq(glob, path);
  if (!str_starts(path, head)) return false;
  for (size_t at = head.n; at <= path.n; at++) if (fits(rest, str_slice(path, at, path.n))) return true;
  return false;
}

static Str column(Str *rest) {
  Str value;
  if (!str_cut(*rest, '|', &value, rest)) { value = *rest; *rest = STR_NONE; }
  return str_trim(value);
}

static void accounts_read(void) {
  Str text, line;
  assert_int_equal(file_read(&t.cx, SUITE, 1 << 20, &text), E_OK);
  while (str_line(&text, &line)) {
    line = str_trim(line);
    if (!line.n || line.p[0] == '#') continue;
    Account a = { .glob = column(&line), .made = MADE };
    Str made = column(&line);
    for (Made m = 0; m < MADE; m++) if (str_eq(made, str_of(made_name[m]))) a.made = m;
    a.words = column(&line);
    bool whole = a.made != MADE && line.n;                  /* what is left is the reason */
    if (!whole) print_error("suite.data: %.*s: no verdict or no reason\n", STR(a.glob));
    assert_true(whole);
    vec_add(t.cx.arena, &t.account, a);
  }
}

static const Account *account_of(Str path) {
  static const Account valid = { .made = CLEAN }, invalid = { .made = MADE };
  for (size_t i = 0; i < t.account.n; i++) if (fits(t.account.p[i].glob, path)) return &t.account.p[i];
  Str name = str_slice(path, str_rfind_char(path, '/') + 1, path.n);
  bool bad = str_starts(name, S("invalid-")) || str_starts(name, S("informal-invalid-"));
  return bad && str_starts(path, S("cyclonedx-spec/")) ? &invalid : &valid;
}

static Tally *tally_of(Str path) {
  Str set = str_slice(path, 0, str_find_char(path, '/'));
  for (size_t i = 0; i < t.tally.n; i++) if (str_eq(t.tally.p[i].set, set)) return &t.tally.p[i];
  Tally *new = vec_push(t.cx.arena, &t.tally);
  new->set = str_dup(t.cx.arena, set);
  return new;
}

/* ---- how many components there are, counted without the readers ---- */

static uint32_t count_nested(JVal *list) {
  uint32_t n = 0;
  JSON_EACH(c, list) n += yyjson_is_obj(c) ? 1 + count_nested(json_get(c, "components")) : 0;
  return n;
}

static uint32_t count_json(JVal *root) {
  uint32_t n = 0;
  JSON_EACH(p, json_get(root, "packages")) n += yyjson_is_obj(p);
  JSON_EACH(e, json_get(root, "@graph")) {
    Str type = json_text(e, "type");
    n += str_eq(type, S("software_Package")) || str_eq(type, S("dataset_DatasetPackage")) ||
         str_eq(type, S("ai_AIPackage"));
  }
  return n + count_nested(json_get(root, "components")) +
         count_nested(json_get(json_get(json_get(root, "metadata"), "component"), "components"));
}

static uint32_t count_words(Str text, Str word) {
  uint32_t n = 0;
  for (size_t at; (at = str_find(text, word)) != SIZE_MAX; n++) text = str_slice(text, at + word.n, text.n);
  return n;
}

static bool counted_rightly(Cx *cx, Str bytes, const Sbom *s) {
  JVal *root;
  if (str_eq(s->encoding, S("tag-value"))) return s->listed == count_words(bytes, S("\nPackageName:"));
  if (!str_eq(s->encoding, S("json"))) return true;     /* XML and YAML: compared with their twins in JSON */
  return json_read(cx, without_mark(bytes), &JSON_DOCUMENT, &root) == E_OK && s->listed == count_json(root);
}

/* ---- one file ---- */

static bool is_said(Cx *cx, Made made, const Sbom *s, Str words) {
  if (made == REFUSED) return str_find(cx->words, words) != SIZE_MAX;
  for (size_t i = 0; i < s->problems.n; i++) {
    const SbomProblem *p = &s->problems.p[i];
    Str line = str_fmt(cx->arena, "%.*s: %.*s", STR(p->where), STR(p->what));
    if (p->error == (made == DEFECT) && str_find(line, words) != SIZE_MAX) return true;
  }
  return !words.n;
}

static void judge(Str path, Str bytes) {
  AUTO(Cx) cx = cx_new((size_t)1 << 30);
  Tally *of = tally_of(path);
  Sbom s = { 0 };
  Err e = data_parse(&cx, bytes, &s);
  Made made = e != E_OK ? REFUSED : s.errors ? DEFECT : CLEAN;
  const Account *want = account_of(path);
  bool kind = e == E_OK || e == E_FORMAT || e == E_UNREADABLE;
  bool right = want->made == MADE ? made != CLEAN : want->made == made;
  right = right && kind && is_said(&cx, made, &s, want->words);
  if (e == E_OK && right) right = counted_rightly(&cx, bytes, &s);
  of->files++;
  of->listed += want->glob.n > 0;
  of->made[made]++;
  of->components += s.listed;
  if (right) return;
  t.wrong++;
  Str said = made == REFUSED ? cx.words : made == DEFECT ? s.problems.p[0].what : S("");
  print_error("%.*s: %s, %u components%s%.*s\n", STR(path), made_name[made], s.listed, said.n ? ": " : "", STR(said));
}

static void every_file_has_an_account(void **state) {
  (void)state;
  t.cx = cx_new((size_t)16 << 20);
  accounts_read();
  data_each("", judge);
  Tally all = { .set = S("all") };
  vec_add(t.cx.arena, &t.tally, all);
  Tally *sum = &t.tally.p[t.tally.n - 1];
  for (size_t i = 0; i < t.tally.n; i++) {
    const Tally *y = &t.tally.p[i];
    print_message("%-22.*s %5u files: %4u clean, %4u with a defect, %4u refused; %4u in the list; %7llu components\n",
                  STR(y->set), y->files, y->made[CLEAN], y->made[DEFECT], y->made[REFUSED], y->listed,
                  (unsigned long long)y->components);
    if (y == sum) break;
    sum->files += y->files;
    sum->listed += y->listed;
    sum->components += y->components;
    for (Made m = 0; m < MADE; m++) sum->made[m] += y->made[m];
  }
  assert_int_equal(t.wrong, 0);
  cx_free(&t.cx);
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(every_file_has_an_account) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
