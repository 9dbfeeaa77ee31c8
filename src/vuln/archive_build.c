/* archive_build.c - a snapshot out of the archive alone, in the jail. */
#include "vuln/archive.h"

typedef struct Build {
  const ArchiveState *const *states;
  size_t n;
} Build;

static Err each_record(Cx *cx, void *env, Str name, Str bytes) { return feed_file(cx, env, name, bytes); }

static void head_json(const Feed *f, Buf *head) {
  FeedSource source[FEED_SOURCES];
  size_t n = feed_sources(f, source);
  JsonOut o = json_out(head, false);
  json_object(&o);
  json_pair_int(&o, "bytes_read", f->bytes_read);
  json_key(&o, "sources");
  json_array(&o);
  for (size_t i = 0; i < n; i++) {
    json_object(&o);
    json_pair(&o, "name", source[i].name);
    json_pair_int(&o, "records", source[i].records);
    json_pair(&o, "newest", source[i].newest);
    json_object_end(&o);
  }
  json_array_end(&o);
  json_key(&o, "skipped");
  skips_json(f->skips.p, f->skips.n, &o);
  json_object_end(&o);
}

static Err work(Cx *cx, void *env, Str nothing, Buf *answer) {
  const Build *b = env;
  Feed f = feed_new(arena_new(ARCHIVE_JAIL.memory_bytes), arena_new(ARCHIVE_JAIL.memory_bytes));
  Buf bytes, head = buf_new(cx->arena, 1 << 20);
  (void)nothing;
  for (size_t i = 0; i < b->n; i++) TRY(archive_each(cx, b->states[i], each_record, &f));
  if (!f.adv.n && !f.kevs.n && !f.epss.n)
    return fail(cx, E_FEED, "There is no advisory in the archive; the old snapshot is kept");
  feed_groups(&f);
  TRY(feed_write(cx, &f, &bytes));
  head_json(&f, &head);
  buf_u32le(answer, (uint32_t)head.n);
  buf_add(answer, buf_str(&head));
  buf_add(answer, buf_str(&bytes));
  return answer->over ? fail(cx, E_TOO_LARGE, "The snapshot is too large; the old one is kept") : E_OK;
}

Err archive_build(Cx *cx, const ArchiveState *const *states, size_t n, const char *out_path, FeedBuild *out) {
  AUTO(Cx) own = cx_new((size_t)4 << 30);
  Build b = { states, n };
  FeedBuild made = { 0 };
  int64_t start_us = clock_mono_us();
  Str answer, bytes;
  JVal *head;
  Err e = jail_run(&own, &ARCHIVE_JAIL, work, &b, S(""), &answer);
  if (e == E_OK) e = answer_cut(&own, answer, &head, &bytes);
  if (e == E_OK) e = file_write(&own, out_path, bytes, 0640);
  if (e != E_OK) return fail(cx, e, "%.*s", STR(own.words));
  JVal *list = json_get(head, "sources");
  made.sha256 = hash_hex(cx->arena, sha256(bytes));
  made.source = NEW_ARRAY(cx->arena, yyjson_arr_size(list) + 1, FeedSource);
  JSON_EACH(one, list)
  made.source[made.nsources++] =
      (FeedSource){ str_dup(cx->arena, json_text(one, "name")), json_int(one, "records", 0),
                    str_dup(cx->arena, json_text(one, "newest")) };
  skips_read(&own, json_get(head, "skipped"), &made.skip, &made.nskips);
  FeedSkip *skip = NEW_ARRAY(cx->arena, made.nskips + 1, FeedSkip);
  for (size_t i = 0; i < made.nskips; i++)
    skip[i] =
        (FeedSkip){ str_dup(cx->arena, made.skip[i].file), str_dup(cx->arena, made.skip[i].why), made.skip[i].count };
  made.skip = skip;
  made.bytes_read = json_int(head, "bytes_read", 0);
  made.bytes_written = (int64_t)bytes.n;
  made.took_us = clock_mono_us() - start_us;
  *out = made;
  return E_OK;
}
