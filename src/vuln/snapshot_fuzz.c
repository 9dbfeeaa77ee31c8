/* Advisories from hostile hands: the snapshot made of whatever is read opens, is the same twice, and can be asked. */
#include "vuln/feed.h"
#include <assert.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static Str build(Cx *cx, Arena *record, Arena *keep, Str text, const char *path) {
  Feed f = feed_new(record, keep);
  Str sha, bytes = { NULL, 0 };
  int64_t written = 0;
  assert(feed_file(cx, &f, S("input"), text) == E_OK);
  feed_groups(&f);
  assert(feed_write_file(cx, &f, path, &sha, &written) == E_OK);
  assert(file_read(cx, path, 64u << 20, &bytes) == E_OK && bytes.n == (size_t)written);
  assert(str_eq(sha, hash_hex(cx->arena, sha256(bytes))));
  return bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  AUTO(Cx) cx = cx_new(64u << 20);
  if (size > 1 << 16 || crypto_start(&cx) != E_OK) return 0;
  Arena *record = arena_new(256u << 20), *first = arena_new(256u << 20), *second = arena_new(256u << 20);
  char *path = str_z(cx.arena, str_fmt(cx.arena, "/tmp/vuln-fuzz-%d.snap", (int)getpid()));
  Str text = { (const char *)data, size };
  Str one = build(&cx, record, first, text, path), two = build(&cx, record, second, text, path);
  assert(str_eq(one, two));
  Snapshot *s = NULL;
  ScanResult r;
  assert(snapshot_open(&cx, path, &s) == E_OK);
  (void)unlink(path);
  for (size_t i = 0; i < s->npkgs; i++) {
    Str base = snap_str(s, s->pkgs[i].base), name = snap_str(s, s->pkgs[i].name);
    assert(snap_package(s, snap_hash(base, name), base, name) == &s->pkgs[i]);
  }
  for (size_t i = 0; i < s->ncpes; i++) {
    Str product = snap_str(s, s->cpes[i].product);
    size_t at = snap_product(s, snap_hash(S(""), product), product);
    assert(at <= i && str_eq(snap_str(s, s->cpes[at].product), product));
  }
  VulnTarget t[] = {
    { .purl = S("pkg:npm/left@1.0.0") },
    { .purl = S("pkg:deb/debian/openssl@1.0-1?distro=debian-12") },
    { .purl = S("pkg:rpm/almalinux/bind@9-1?distro=almalinux-9") },
    { .purl = S("pkg:pypi/other@1+x") },
    { .cpe = S("cpe:2.3:a:acme:pump:1.5:*:*:*:*:*:*:*") },
    { .cpe = S("cpe:2.3:*:*:viewer:*:*:*:*:*:*:*:*"), .version = S("2.9"), .purl = S("pkg:npm/cvepack@1.5.0") },
    { .purl = S("pkg:npm/acme-lib@1.2.0"), .cpe = S("cpe:2.3:a:acme:nested:1.0:*:*:*:*:*:*:*") },
    { .name = S("pump console"), .version = S("2.4") }
  };
  assert(vuln_scan(&cx, s, t, COUNT(t), &r) == E_OK);
  snapshot_close(s);
  arena_free(record);
  arena_free(first);
  arena_free(second);
  return 0;
}
