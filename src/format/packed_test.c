/* Archives made here with libarchive, folders made here, bombs included. */
#include "format/format.h"
#include <archive.h>
#include <archive_entry.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#undef fail   /* cmocka has a macro of that name */

#define assert_str(a, z) do { Str s_ = (a); if (!str_eq(s_, str_of(z))) print_message("%.*s\n", STR(s_)); \
    assert_true(str_eq(s_, str_of(z))); } while (0)

static char big[20 << 20];   /* one letter, 20 Mi times; zeros would look like an empty tar */

typedef struct Entry { const char *name; Str bytes; mode_t type; } Entry;
typedef int Setter(struct archive *);

static Str packed(Cx *cx, Setter *format, Setter *filter, const Entry *e, size_t n) {
  size_t room = 64 << 20, used = 0;
  char *p = arena_alloc(cx->arena, room);
  struct archive *a = archive_write_new();
  assert_int_equal(format(a), ARCHIVE_OK);
  if (filter) assert_int_equal(filter(a), ARCHIVE_OK);
  (void)archive_write_set_bytes_in_last_block(a, 1);
  assert_int_equal(archive_write_open_memory(a, p, room, &used), ARCHIVE_OK);
  for (size_t i = 0; i < n; i++) {
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_pathname(entry, e[i].name);
    archive_entry_set_size(entry, (la_int64_t)e[i].bytes.n);
    archive_entry_set_filetype(entry, e[i].type ? e[i].type : AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    if (e[i].type == AE_IFLNK) archive_entry_set_symlink(entry, "/etc/passwd");
    assert_true(archive_write_header(a, entry) >= ARCHIVE_WARN);   /* warns of names beyond ASCII in the C locale */
    if (e[i].bytes.n) assert_true(archive_write_data(a, e[i].bytes.p, e[i].bytes.n) >= 0);
    archive_entry_free(entry);
  }
  assert_int_equal(archive_write_close(a), ARCHIVE_OK);
  (void)archive_write_free(a);
  return (Str){ p, used };
}

/* name=bytes; or name!why; */
static Err tell(Cx *cx, void *env, const PackedFile *f) {
  (void)cx;
  Buf *b = env;
  if (f->bytes.p) buf_fmt(b, "%.*s=%.*s;", STR(f->name), STR(str_slice(f->bytes, 0, 20)));
  else buf_fmt(b, "%.*s!%.*s;", STR(f->name), STR(f->why));
  return E_OK;
}

static Str told(Cx *cx, Str bytes, Err want) {
  Buf b = buf_new(cx->arena, 1 << 20);
  Err e = packed_bytes(cx, S("whole"), bytes, tell, &b);
  if (e != want) print_message("%s %.*s\n", err_name(e), STR(cx->words));
  assert_int_equal(e, want);
  cx_forgive(cx);
  return buf_str(&b);
}

static void every_kind_is_opened(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new((size_t)1 << 30);
  static const Entry two[] = { { "b.json", { "{}", 2 }, 0 },
                               { "../../etc/x", { "evil", 4 }, 0 },
                               { "folder/", { "", 0 }, AE_IFDIR },
                               { "empty", { "", 0 }, 0 },
                               { "größe", { "x", 1 }, 0 } };
  const char *want = "b.json={};../../etc/x=evil;empty=;größe=x;";
  assert_str(told(&cx, packed(&cx, archive_write_set_format_zip, NULL, two, 5), E_OK), want);
  assert_str(told(&cx, packed(&cx, archive_write_set_format_pax_restricted, NULL, two, 5), E_OK), want);
  assert_str(
      told(&cx, packed(&cx, archive_write_set_format_pax_restricted, archive_write_add_filter_gzip, two, 5), E_OK),
      want);
  assert_str(told(&cx, packed(&cx, archive_write_set_format_gnutar, archive_write_add_filter_zstd, two, 5), E_OK),
             want);
  static const Entry one[] = { { "x", { "plain text", 10 }, 0 } };
  assert_str(told(&cx, packed(&cx, archive_write_set_format_raw, archive_write_add_filter_gzip, one, 1), E_OK),
             "whole=plain text;");
  assert_str(told(&cx, packed(&cx, archive_write_set_format_raw, archive_write_add_filter_zstd, one, 1), E_OK),
             "whole=plain text;");
  assert_str(told(&cx, S("plain"), E_OK), "whole=plain;");
  assert_str(told(&cx, STR_NONE, E_OK), "whole=;");
  static const Entry link[] = { { "l", { "", 0 }, AE_IFLNK }, { "x", { "1", 1 }, 0 } };
  assert_str(told(&cx, packed(&cx, archive_write_set_format_gnutar, NULL, link, 2), E_OK), "x=1;");
}

static void bombs_and_nests_are_named_and_passed(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new((size_t)1 << 30);
  Entry e[] = { { "bomb", { big, sizeof big - (6 << 20) }, 0 }, { "after", { "1", 1 }, 0 } };
  Str got = told(&cx, packed(&cx, archive_write_set_format_zip, NULL, e, 2), E_OK);
  assert_str(got,
             "bomb!unpacks to more than 200 times its size;after!comes after more than 200 times the packed size;");
  char *noise = arena_alloc(cx.arena, 20 << 20);   /* does not pack: only the entry's own limit counts */
  uint32_t x = 1;
  for (size_t i = 0; i < (size_t)20 << 20; i++) { x = x * 1664525 + 1013904223; noise[i] = (char)(x >> 24); }
  Entry large[] = { { "large", { noise, 20 << 20 }, 0 }, { "after", { "1", 1 }, 0 } };
  assert_str(told(&cx, packed(&cx, archive_write_set_format_zip, NULL, large, 2), E_OK),
             "large!is larger than 16 MiB;after=1;");
  Str inner = packed(&cx, archive_write_set_format_zip, NULL, &e[1], 1);
  Entry nest[] = { { "inner.zip", inner, 0 }, { "after", { "1", 1 }, 0 } };
  assert_str(told(&cx, packed(&cx, archive_write_set_format_gnutar, NULL, nest, 2), E_OK),
             "inner.zip!is a packed file inside of a packed file; unpack it first;after=1;");
  Entry gz[] = { { "x", { big, sizeof big }, 0 } };
  assert_str(told(&cx, packed(&cx, archive_write_set_format_raw, archive_write_add_filter_gzip, gz, 1), E_OK),
             "whole!unpacks to more than 200 times its size;");
}

static void damage_is_said(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new((size_t)1 << 30);
  Entry e[] = { { "x", { big, 1000 }, 0 }, { "y", { "1", 1 }, 0 } };
  Str gz = packed(&cx, archive_write_set_format_gnutar, archive_write_add_filter_gzip, e, 2);
  (void)told(&cx, str_slice(gz, 0, gz.n / 2), E_UNREADABLE);
  (void)told(&cx, S("\x1f\x8b\x08\x00 no gzip at all"), E_UNREADABLE);
  (void)told(&cx, S("\x28\xb5\x2f\xfd no zstd at all"), E_UNREADABLE);
  (void)told(&cx, S("PK\3\4 no zip at all"), E_UNREADABLE);
}

static Err refuses(Cx *cx, void *env, const PackedFile *f) {
  (*(int *)env)++;
  return fail(cx, E_INVALID, "not %.*s", STR(f->name));
}

static void the_first_failure_ends_the_walk(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new((size_t)1 << 30);
  static const Entry e[] = { { "x", { "1", 1 }, 0 }, { "y", { "1", 1 }, 0 } };
  int calls = 0;
  assert_int_equal(packed_bytes(&cx, S("z"), packed(&cx, archive_write_set_format_zip, NULL, e, 2), refuses, &calls),
                   E_INVALID);
  assert_str(cx.words, "not x");
  assert_int_equal(calls, 1);
}

static void folders_go_by_path(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new((size_t)1 << 30);
  char root[] = "/tmp/packed-XXXXXX";
  assert_non_null(mkdtemp(root));
  static const char *const files[] = { "b", "a/x", "a-b", "a/deep/y", "c" };
  for (size_t i = 0; i < COUNT(files); i++) {
    Str path = str_fmt(cx.arena, "%s/%s", root, files[i]);
    char *folder = str_z(cx.arena, str_slice(path, 0, str_rfind_char(path, '/')));
    assert_int_equal(folder_make(&cx, folder, 0700), E_OK);
    assert_int_equal(file_write(&cx, path.p, S("1"), 0600), E_OK);
  }
  assert_int_equal(symlink("/etc/passwd", str_fmt(cx.arena, "%s/link", root).p), 0);
  assert_int_equal(mkfifo(str_fmt(cx.arena, "%s/pipe", root).p, 0600), 0);
  Buf b = buf_new(cx.arena, 4096);
  assert_int_equal(packed_walk(&cx, root, tell, &b), E_OK);
  assert_str(buf_str(&b), "a-b=1;a/deep/y=1;a/x=1;b=1;c=1;");
  buf_clear(&b);
  assert_int_equal(packed_walk(&cx, str_fmt(cx.arena, "%s/a/x", root).p, tell, &b), E_OK);
  assert_str(buf_str(&b), "x=1;");
  assert_int_equal(packed_walk(&cx, str_fmt(cx.arena, "%s/none", root).p, tell, &b), E_NOTFOUND);
  cx_forgive(&cx);
  assert_int_equal(packed_walk(&cx, str_fmt(cx.arena, "%s/pipe", root).p, tell, &b), E_IO);
  for (size_t i = 0; i < COUNT(files); i++) (void)unlink(str_fmt(cx.arena, "%s/%s", root, files[i]).p);
  static const char *const rest[] = { "link", "pipe" }, *const folders[] = { "a/deep", "a", "" };
  for (size_t i = 0; i < COUNT(rest); i++) (void)unlink(str_fmt(cx.arena, "%s/%s", root, rest[i]).p);
  for (size_t i = 0; i < COUNT(folders); i++) (void)rmdir(str_fmt(cx.arena, "%s/%s", root, folders[i]).p);
}

/* A packed file of a folder is opened where it stands; one inside of it is named, and a damaged one ends nothing. */
static void packed_files_of_a_folder_are_opened_once(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new((size_t)1 << 30);
  char root[] = "/tmp/packed-XXXXXX";
  assert_non_null(mkdtemp(root));
  static const Entry two[] = { { "x", { "1", 1 }, 0 }, { "../y", { "2", 1 }, 0 } };
  Str zip = str_dup(cx.arena, packed(&cx, archive_write_set_format_zip, NULL, two, 2));
  Str tar = packed(&cx, archive_write_set_format_gnutar, archive_write_add_filter_gzip, two, 2);
  const Entry nest[] = { { "inner.zip", zip, 0 }, { "after", { "3", 1 }, 0 } };
  const struct { const char *name; Str bytes; } file[] = {
    { "0.json", S("{}") },
    { "a.zip", zip },
    { "b.json", tar },                 /* by its content, not by its name */
    { "c-cut.zip", str_slice(zip, 0, zip.n - 1) },
    { "d.tar", packed(&cx, archive_write_set_format_gnutar, NULL, nest, 2) },
    { "e.zip", packed(&cx, archive_write_set_format_zip, NULL, nest, 2) },
    { "f-none.zip", packed(&cx, archive_write_set_format_zip, NULL, NULL, 0) },
    { "g.json", S("{}") },
  };
  for (size_t i = 0; i < COUNT(file); i++)
    assert_int_equal(file_write(&cx, str_fmt(cx.arena, "%s/%s", root, file[i].name).p, file[i].bytes, 0600), E_OK);
  Buf b = buf_new(cx.arena, 1 << 16);
  assert_int_equal(packed_walk(&cx, root, tell, &b), E_OK);
  assert_str(buf_str(&b),
             "0.json={};x=1;../y=2;x=1;../y=2;"
             "c-cut.zip!c-cut.zip cannot be unpacked: it has no directory at its end: it was cut off or is no zip;"
             "inner.zip!is a packed file inside of a packed file; unpack it first;after=3;"
             "inner.zip!is a packed file inside of a packed file; unpack it first;after=3;g.json={};");
  int calls = 0;
  assert_int_equal(packed_walk(&cx, root, refuses, &calls), E_INVALID);
  assert_int_equal(calls, 1);
  assert_int_equal(folder_remove(&cx, root), E_OK);
}

static Err in_jail(Cx *cx, void *env, Str input, Buf *answer) {
  (void)env;
  return packed_bytes(cx, S("whole"), input, tell, answer);
}

static void archives_open_inside_the_jail(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new((size_t)1 << 30);
  static const Entry e[] = { { "x", { "1", 1 }, 0 }, { "größe", { "2", 1 }, 0 } };
  JailLimits most = { .memory_bytes = (size_t)1 << 30, .answer_bytes = 1 << 20, .cpu_s = 5, .wall_s = 10,
                      .formats = true };
  Str answer = STR_NONE;
  Err err = jail_run(&cx, &most, in_jail, NULL, packed(&cx, archive_write_set_format_zip, NULL, e, 2), &answer);
  if (err != E_OK) print_message("%.*s\n", STR(cx.words));
  assert_int_equal(err, E_OK);
  assert_str(answer, "x=1;größe=2;");
  assert_int_equal(jail_run(&cx, &most, in_jail, NULL, packed(&cx, archive_write_set_format_pax_restricted,
                                                              archive_write_add_filter_zstd, e, 2), &answer), E_OK);
  assert_str(answer, "x=1;größe=2;");
}

static void many_files_go_fast(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new((size_t)1 << 30);
  enum { MANY = 20000 };
  Entry *e = NEW_ARRAY(cx.arena, MANY, Entry);
  for (size_t i = 0; i < MANY; i++)
    e[i] = (Entry){ str_fmt(cx.arena, "f/%zu.json", i).p, S("{\"id\":\"a small advisory\"}"), 0 };
  Str zip = packed(&cx, archive_write_set_format_zip, NULL, e, MANY);
  Buf b = buf_new(cx.arena, 64 << 20);
  int64_t from = clock_mono_us();
  assert_int_equal(packed_bytes(&cx, S("zip"), zip, tell, &b), E_OK);
  print_message("%lld ms for %d entries\n", (long long)((clock_mono_us() - from) / 1000), MANY);
  assert_true(clock_mono_us() - from < 10 * US_PER_S);
}

static void known_zip_slips_are_only_names(void **state) {
  (void)state;
  const char *data = getenv("PROOFLINE_DATA");
  if (!data || !*data) { print_message("skipped: PROOFLINE_DATA is not set\n"); skip(); }
  AUTO(Cx) cx = cx_new((size_t)1 << 30);
  static const char *const files[] = { "zip-slip.zip", "zip-slip.tar", "zip-slip-win.zip", "zip-slip-win.tar" };
  for (size_t i = 0; i < COUNT(files); i++) {
    Buf b = buf_new(cx.arena, 4096);
    Str path = str_fmt(cx.arena, "%s/attack/zip-slip/archives/%s", data, files[i]);
    assert_int_equal(packed_walk(&cx, path.p, tell, &b), E_OK);
    assert_true(str_find(buf_str(&b), S("..")) != SIZE_MAX);
  }
}

/* A zip of 1000 z and "1", with the bytes at `at` behind the mark replaced. */
static Str zip_with(Cx *cx, Str mark, size_t at, Str bytes) {
  Entry e[] = { { "x", { big, 1000 }, 0 }, { "y", { "1", 1 }, 0 } };
  Str zip = str_dup(cx->arena, packed(cx, archive_write_set_format_zip, NULL, e, 2));
  size_t where = str_find(zip, mark);
  assert_true(where != SIZE_MAX);
  memcpy((char *)(uintptr_t)zip.p + where + at, bytes.p, bytes.n);
  return zip;
}

static void a_zip_is_held_against_its_directory(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new((size_t)1 << 30);
  const Str central = S("PK\1\2"), end = S("PK\5\6");
  Str good = zip_with(&cx, end, 4, (Str){ "\0\0", 2 });
  assert_str(told(&cx, good, E_OK), "x=zzzzzzzzzzzzzzzzzzzz;y=1;");
  assert_str(told(&cx, zip_with(&cx, central, 16, S("\1\2\3\4")), E_OK), "x!is damaged: its sum is another;y=1;");
  assert_str(told(&cx, zip_with(&cx, central, 24, (Str){ "\1\2\0\0", 4 }), E_OK),
             "x!is damaged: it does not unpack to the size that it says;y=1;");
  assert_str(told(&cx, zip_with(&cx, central, 42, (Str){ "\3\0\0\0", 4 }), E_OK),
             "x!is damaged: it does not stand where the directory says;y=1;");
  assert_str(told(&cx, zip_with(&cx, central, 10, (Str){ "\14\0", 2 }), E_OK),
             "x!is packed in a way that is not read;y=1;");
  (void)told(&cx, zip_with(&cx, end, 10, S("\3")), E_UNREADABLE);    /* an entry that is not there */
  (void)told(&cx, zip_with(&cx, end, 16, S("\377\377")), E_UNREADABLE);
  (void)told(&cx, str_slice(good, 0, good.n - 1), E_UNREADABLE);      /* cut off */
}

/* One body, claimed a hundred times over: small packed, and each time as large as it can be unpacked. */
static void a_zip_whose_entries_overlap_is_refused(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new((size_t)1 << 30);
  Entry e[] = { { "x", { big, 9 << 20 }, 0 } };
  Str zip = packed(&cx, archive_write_set_format_zip, NULL, e, 1);
  size_t central = str_find(zip, S("PK\1\2")), end = str_find(zip, S("PK\5\6"));
  Str entry = str_slice(zip, central, end);
  Buf b = buf_new(cx.arena, 64 << 20), tail = buf_new(cx.arena, 100);
  buf_add(&b, str_slice(zip, 0, end));
  for (int i = 0; i < 99; i++) buf_add(&b, entry);
  size_t bytes = 100 * entry.n;
  buf_add(&tail, str_slice(zip, end, zip.n));
  char *t = (char *)(uintptr_t)buf_str(&tail).p;
  t[8] = t[10] = 100;
  for (size_t i = 0; i < 4; i++) t[12 + i] = (char)(bytes >> 8 * i & 255);
  buf_add(&b, buf_str(&tail));
  Buf none = buf_new(cx.arena, 1 << 20);
  assert_int_equal(packed_bytes(&cx, S("bomb"), buf_str(&b), tell, &none), E_UNREADABLE);
  assert_str(cx.words, "bomb cannot be unpacked: its entries overlap");
  assert_int_equal(none.n, 0);
}

/* Two processes of one folder: together they see every file once, and each about half of the bytes. */
static void two_share_a_folder(void **state) {
  (void)state;
  AUTO(Cx) cx = cx_new((size_t)1 << 30);
  enum { ENTRIES = 50 };
  Entry e[ENTRIES];
  char folder[] = "packed-share-XXXXXX";
  assert_non_null(mkdtemp(folder));
  for (int i = 0; i < ENTRIES; i++)
    e[i] = (Entry){ str_fmt(cx.arena, "%02d", i).p, { big, (size_t)i + 1 }, 0 };
  const struct { const char *name; Str bytes; } file[] = {
    { "a.zip", packed(&cx, archive_write_set_format_zip, NULL, e, ENTRIES) },
    { "b.tar.gz", packed(&cx, archive_write_set_format_pax_restricted, archive_write_add_filter_gzip, e, 2) },
    { "broken.zip", S("PK\3\4 no zip") },
    { "c.json", S("PK but plain") },
    { "d.json", S("{}") },
  };
  for (size_t i = 0; i < COUNT(file); i++)
    assert_int_equal(file_write(&cx, str_fmt(cx.arena, "%s/%s", folder, file[i].name).p, file[i].bytes, 0600), E_OK);
  size_t seen[2] = { 0 };
  Buf all = buf_new(cx.arena, 1 << 20);
  for (unsigned i = 0; i < 2; i++) {
    PackedShare share = { .mine = i };
    Buf one = buf_new(cx.arena, 1 << 20);
    assert_int_equal(packed_walk_share(&cx, folder, &share, tell, &one), E_OK);
    for (size_t k = 0; k < one.n; k++) seen[i] += buf_str(&one).p[k] == ';';
    buf_add(&all, buf_str(&one));
  }
  Buf whole = buf_new(cx.arena, 1 << 20);
  assert_int_equal(packed_walk(&cx, folder, tell, &whole), E_OK);
  assert_int_equal(all.n, whole.n);
  for (Str rest = buf_str(&whole), one; str_cut(rest, ';', &one, &rest);)
    assert_true(str_find(buf_str(&all), str_fmt(cx.arena, "%.*s;", STR(one))) != SIZE_MAX);
  assert_int_equal(seen[0] + seen[1], ENTRIES + 2 + 3);
  assert_in_range(seen[0], ENTRIES / 3, ENTRIES);
  assert_int_equal(folder_remove(&cx, folder), E_OK);
}

int main(void) {
  memset(big, 'z', sizeof big);
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_kind_is_opened), cmocka_unit_test(bombs_and_nests_are_named_and_passed),
    cmocka_unit_test(damage_is_said), cmocka_unit_test(the_first_failure_ends_the_walk),
    cmocka_unit_test(folders_go_by_path), cmocka_unit_test(packed_files_of_a_folder_are_opened_once),
    cmocka_unit_test(two_share_a_folder),
    cmocka_unit_test(archives_open_inside_the_jail), cmocka_unit_test(many_files_go_fast),
    cmocka_unit_test(a_zip_is_held_against_its_directory),
    cmocka_unit_test(a_zip_whose_entries_overlap_is_refused),
    cmocka_unit_test(known_zip_slips_are_only_names),
  };
  return cmocka_run_group_tests_name("packed", tests, NULL, NULL);
}
