/* A new store: folder, tables, empty log, signing key, first person. */
#include "app/app.h"
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

Err app_folder_check(Cx *cx, const char *folder) {
  char *whole = realpath(folder, NULL);   /* the command must work from wherever it is typed */
  Str path = str_dup(cx->arena, str_of(whole ? whole : folder)), at = path;
  free(whole);
  struct passwd *p = getpwuid(geteuid());
  const char *user = p ? p->pw_name : str_fmt(cx->arena, "%u", (unsigned)geteuid()).p;
  if (access(folder, R_OK | W_OK | X_OK) == 0) return E_OK;
  if (errno != ENOENT)
    return fail(cx, E_CONFIG,
                "The data folder %.*s is not writable by user %s. Nothing was changed. Run as root: chown -R %s %.*s",
                STR(path), user, user, STR(path));
  while (access(str_z(cx->arena, at), F_OK) != 0) {
    size_t slash = str_rfind_char(at, '/');
    at = slash == SIZE_MAX ? S(".") : slash ? str_slice(at, 0, slash) : S("/");
  }
  if (access(str_z(cx->arena, at), W_OK | X_OK) == 0) return E_OK;
  return fail(cx, E_CONFIG,
              "The data folder %.*s cannot be made: %.*s is not writable by user %s. Nothing was changed. Run as root: "
              "install -d -m 700 -o %s %.*s",
              STR(path), STR(at), user, user, STR(path));
}

/* A UUID of version 4: names this store in every checkpoint. */
static Str instance_name(Cx *cx) {
  uint8_t b[16];
  random_bytes(b, sizeof b);
  b[6] = (uint8_t)((b[6] & 0x0F) | 0x40);
  b[8] = (uint8_t)((b[8] & 0x3F) | 0x80);
  Str h = hex_text(cx->arena, (Str){ (const char *)b, sizeof b });
  return str_fmt(cx->arena, "%.*s-%.*s-%.*s-%.*s-%.*s", 8, h.p, 4, h.p + 8, 4, h.p + 12, 4, h.p + 16, 12, h.p + 20);
}

static Err write_settings(Cx *cx, const char *folder, const AppInit *in) {
  Buf b = buf_new(cx->arena, 4096);
  buf_z(&b, "# Settings of this Proofline data folder.  List them with: proofline config\n");
  Str company = str_replace(cx->arena, in->company, '"', '\'');
  buf_fmt(&b, "company = \"%.*s\"\n", STR(str_replace(cx->arena, company, '\n', ' ')));
  buf_z(&b, "# Under which address CSAF documents are published.\n# publisher_namespace = "
            "\"https://www.your-company.com\"\n");
  buf_z(&b, "# As whom the owner of this folder acts on the command line.\n");
  buf_fmt(&b, "%scli_user = \"%.*s\"\n", in->login.n ? "" : "# ", STR(in->login.n ? in->login : S("LOGIN")));
  return file_write(cx, str_fmt(cx->arena, "%s/proofline.toml", folder).p, buf_str(&b), 0600);
}

static Err make_store(Cx *cx, const char *folder, Str instance) {
  Store *s = NULL;
  TRY(store_open(cx, folder, STORE_CREATE, &s));
  Err e = store_begin(cx, s);
  if (e == E_OK) e = ledger_create(cx, s, instance);
  if (e == E_OK) e = store_commit(cx, s);
  else store_rollback(s);
  store_close(s);
  return e;
}

static Err add_first_person(Cx *cx, Writer *w, const AppInit *in) {
  Buf b = buf_new(cx->arena, 8192);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  json_pair(&o, "login", in->login);
  json_pair(&o, "name", in->name);
  if (in->email.n) json_pair(&o, "email", in->email);
  json_pair(&o, "roles", str_of(people_first_roles));
  if (in->password_phc.n) json_pair(&o, "phc", in->password_phc);
  json_object_end(&o);
  Ask ask = { .command = S("user.add"),
              .actor = S("system"),
              .auth = S("local"),
              .source = S("system"),
              .request = random_hex(cx->arena, 8),
              .args_json = buf_str(&b),
              .reason = S("First person of a new store") };
  Answer answer = { 0 };
  TRY(writer_ask(cx, w, &ask, 1, &answer));
  return answer_result(cx, &answer);
}

Err app_init(Cx *cx, const char *folder, const AppInit *in) {
  TRY(app_folder_check(cx, folder));
  TRY(folder_make(cx, folder, 0700));
  Str instance = instance_name(cx);
  TRY(make_store(cx, folder, instance));
  TRY(signer_create(cx, folder, str_fmt(cx->arena, "proofline/%.*s/1", STR(instance))));
  TRY(write_settings(cx, folder, in));
  Settings set;
  TRY(app_settings(cx, folder, &set));
  AppWriter app = { .folder = folder };
  WriterHooks hooks = app_writer_hooks(&app);
  Writer *w = NULL;
  TRY(writer_connect(cx, folder, &set, &hooks, &w));
  Err e = in->login.n ? add_first_person(cx, w, in) : E_OK;
  if (e == E_OK) e = app_finish(cx, writer_store(w), &app);
  writer_close(w);
  return e;
}
