/* No file of published vectors is left unread in silence: each is accounted for in vectors.data. */
#include "vuln/vectors.h"
#include <dirent.h>
#include <sys/stat.h>

typedef struct VectorRow { Str path, reader, why; int64_t files; int64_t seen; } VectorRow;
typedef VEC(VectorRow) VectorRows;

static void read_rows(Cx *cx, VectorRows *rows) {
  Str rest, line;
  assert_int_equal(file_read(cx, VULN_DIR "/vectors.data", 1u << 20, &rest), E_OK);
  while (str_line(&rest, &line)) {
    VectorRow r = { .seen = 0 };
    Str n;
    if (!line.n || *line.p == '#') continue;
    str_cut(line, '\t', &r.path, &line);
    str_cut(line, '\t', &n, &line);
    str_cut(line, '\t', &r.reader, &r.why);
    assert_true(str_int(n, &r.files) && r.reader.n);
    vec_add(cx->arena, rows, r);
  }
}

/* The test is there and names the file or folder; of what none reads the reason stands there. */
static void has_reader(Cx *cx, const VectorRow *r) {
  Str text, name = str_slice(r->path, str_rfind_char(r->path, '/') + 1, r->path.n);
  if (str_eq(r->reader, S("-"))) { assert_true(r->why.n > 40); return; }
  assert_int_equal(file_read(cx, str_fmt(cx->arena, "%s/%.*s", VULN_DIR, STR(r->reader)).p, 1u << 20, &text), E_OK);
  name = str_slice(name, 0, str_find_char(name, '.') == SIZE_MAX ? name.n : str_find_char(name, '.'));
  if (str_find(text, name) == SIZE_MAX) print_message("%.*s does not name %.*s\n", STR(r->reader), STR(name));
  assert_true(str_find(text, name) != SIZE_MAX);
}

static VectorRow *row_of(VectorRows *rows, Str path) {
  VectorRow *best = NULL;
  for (size_t i = 0; i < rows->n; i++) {
    VectorRow *r = &rows->p[i];
    bool fits = str_starts(path, r->path) && (path.n == r->path.n || path.p[r->path.n] == '/');
    if (fits && (!best || r->path.n > best->path.n)) best = r;
  }
  return best;
}

static size_t walk(Cx *cx, const char *folder, Str path, VectorRows *rows, unsigned depth) {
  size_t lost = 0;
  DIR *d = opendir(str_fmt(cx->arena, "%s/%.*s", folder, STR(path)).p);
  assert_non_null(d);
  assert_true(depth < 16);
  for (struct dirent *f; (f = readdir(d));) {
    struct stat st;
    if (str_eq(str_of(f->d_name), S(".")) || str_eq(str_of(f->d_name), S(".."))) continue;
    Str one = str_fmt(cx->arena, "%.*s/%s", STR(path), f->d_name);
    assert_int_equal(stat(str_fmt(cx->arena, "%s/%.*s", folder, STR(one)).p, &st), 0);
    if (S_ISDIR(st.st_mode)) { lost += walk(cx, folder, one, rows, depth + 1); continue; }
    VectorRow *r = row_of(rows, one);
    if (r) r->seen++;
    else if (lost++ < 20) print_message("not accounted for: %.*s\n", STR(one));
  }
  closedir(d);
  return lost;
}

static void every_file(void **state) {
  (void)state;
  static const char *const sets[] = { "version", "cvss", "vex", "adv/csaf-oasis", "match" };
  const char *folder = data_folder();
  AUTO(Cx) cx = cx_new(64u << 20);
  VectorRows rows = { 0 };
  size_t lost = 0, wrong = 0, files[2] = { 0, 0 };
  read_rows(&cx, &rows);
  for (size_t i = 0; i < COUNT(sets); i++) lost += walk(&cx, folder, str_of(sets[i]), &rows, 0);
  for (size_t i = 0; i < rows.n; i++) {
    const VectorRow *r = &rows.p[i];
    has_reader(&cx, r);
    files[str_eq(r->reader, S("-"))] += (size_t)r->seen;
    if (r->seen == r->files) continue;
    wrong++;
    print_message("%.*s: %lld files, not %lld\n", STR(r->path), (long long)r->seen, (long long)r->files);
  }
  printf("  %zu files of vectors are read, %zu are not for a reason, %zu unaccounted\n", files[0], files[1], lost);
  assert_int_equal(lost, 0);
  assert_int_equal(wrong, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(every_file) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
