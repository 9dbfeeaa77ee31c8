/* Frames between workers (or the command line) and the writer. */
#include "serve/inside.h"
#include <string.h>

static const JsonLimits header_limits = { WIRE_HEADER_MAX, 8, WIRE_HEADER_MAX, 100000 };

static uint64_t little(const char *p, size_t n) {
  uint64_t v = 0;
  for (size_t i = n; i--;) v = v << 8 | (unsigned char)p[i];
  return v;
}

bool wire_size(Str prefix, WireSize *out) {
  uint64_t header = little(prefix.p, 4), payload = little(prefix.p + 4, 8);
  if (header > WIRE_HEADER_MAX || payload > WIRE_PAYLOAD_MAX) return false;
  *out = (WireSize){ (size_t)header, (size_t)payload };
  return true;
}

static Str frame(Arena *a, Str header, uint64_t payload) {
  Buf b = buf_new(a, WIRE_PREFIX + header.n);
  buf_u32le(&b, (uint32_t)header.n);
  buf_u64le(&b, payload);
  buf_add(&b, header);
  return buf_str(&b);
}

Str wire_ask(Arena *a, const Ask *ask) {
  Buf b = buf_new(a, WIRE_HEADER_MAX);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  json_pair(&o, "command", ask->command);
  json_pair(&o, "actor", ask->actor);
  json_pair(&o, "auth", ask->auth);
  json_pair(&o, "source", ask->source);
  json_pair(&o, "request", ask->request);
  json_pair(&o, "reason", ask->reason);
  json_pair_int(&o, "args_bytes", (int64_t)ask->args_json.n);
  json_object_end(&o);
  return frame(a, buf_str(&b), ask->args_json.n + ask->payload.n);
}

Err wire_ask_read(Cx *cx, Str header, Str payload, Ask *out) {
  JVal *h;
  TRY(json_read(cx, header, &header_limits, &h));
  int64_t args = json_int(h, "args_bytes", -1);
  if (args < 0 || (uint64_t)args > payload.n)
    return fail(cx, E_UNREADABLE, "A command's frame has no proper args_bytes.");
  *out = (Ask){ json_text(h, "command"), json_text(h, "actor"), json_text(h, "auth"), json_text(h, "source"),
                json_text(h, "request"), json_text(h, "reason"), str_slice(payload, 0, (size_t)args),
                str_slice(payload, (size_t)args, payload.n) };
  return E_OK;
}

Str wire_answer(Arena *a, const Answer *answer) {
  Buf b = buf_new(a, WIRE_HEADER_MAX);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  json_pair(&o, "err", str_of(err_slug(answer->err)));
  json_pair(&o, "words", answer->words);
  json_key(&o, "problems");
  json_array(&o);
  for (size_t i = 0; i < answer->problems.n; i++) {
    const Problem *p = &answer->problems.p[i];
    json_object(&o);
    json_pair(&o, "field", p->field);
    json_pair(&o, "code", p->code);
    json_pair(&o, "words", p->words);
    json_object_end(&o);
  }
  json_array_end(&o);
  json_object_end(&o);
  return frame(a, buf_str(&b), answer->result_json.n);
}

Err wire_answer_read(Cx *cx, Str header, Str payload, Answer *out) {
  JVal *h;
  TRY(json_read(cx, header, &header_limits, &h));
  Str slug = json_text(h, "err");
  Answer a = { .err = err_from_slug(slug.p ? slug.p : "", slug.n),
               .words = json_text(h, "words"),
               .result_json = payload };
  JSON_EACH(p, json_get(h, "problems")) {
    Problem one = { json_text(p, "field"), json_text(p, "code"), json_text(p, "words") };
    vec_add(cx->arena, &a.problems, one);
  }
  *out = a;
  return E_OK;
}

Answer answer_copy(Arena *a, const Answer *from) {
  Answer to = { .err = from->err,
                .words = str_dup(a, from->words),
                .result_json = str_dup(a, from->result_json) };
  for (size_t i = 0; i < from->problems.n; i++) {
    const Problem *p = &from->problems.p[i];
    Problem copy = { str_dup(a, p->field), str_dup(a, p->code), str_dup(a, p->words) };
    vec_add(a, &to.problems, copy);
  }
  return to;
}

Err answer_result(Cx *cx, const Answer *a) {
  if (a->err == E_OK) return E_OK;
  for (size_t i = 0; i < a->problems.n; i++) vec_add(cx->arena, &cx->problems, a->problems.p[i]);
  return fail(cx, a->err, "%.*s", STR(a->words));
}

/* ---- replay: the last answers of this writer, so that a retried request is not carried out twice ------ */

enum { KEPT = 256, KEPT_BYTES = 256 * 1024 };

/* One request may hold several commands, so the command and what it carries are part of the key.  The keys stand side
 * by side: each command looks at all of them. */
typedef struct ReplayKey { uint64_t part[5]; } ReplayKey;
typedef struct Kept { Arena *arena; Answer answer; } Kept;
struct Replay { ReplayKey key[KEPT]; Kept kept[KEPT]; size_t next; };

Replay *replay_new(Arena *a) { return NEW(a, Replay); }

void replay_free(Replay *r) {
  for (size_t i = 0; r && i < KEPT; i++) arena_free(r->kept[i].arena);
}

static ReplayKey key_of(const Ask *ask) {
  return (ReplayKey){ { str_hash(ask->request), str_hash(ask->command), str_hash(ask->actor), str_hash(ask->args_json),
                        str_hash(ask->payload) } };
}

static const Answer *find(const Replay *r, const ReplayKey *key) {
  for (size_t i = 0; i < KEPT; i++)
    if (r->kept[i].arena && memcmp(&r->key[i], key, sizeof *key) == 0) return &r->kept[i].answer;
  return NULL;
}

const Answer *replay_find(const Replay *r, const Ask *ask) {
  ReplayKey key = key_of(ask);
  return ask->request.n ? find(r, &key) : NULL;
}

void replay_keep(Replay *r, const Ask *ask, const Answer *answer) {
  ReplayKey key = key_of(ask);
  /* A refusal changed nothing: trying again is right. */
  if (!ask->request.n || answer->err != E_OK || find(r, &key)) return;
  size_t at = r->next++ % KEPT;
  Kept *k = &r->kept[at];
  if (!k->arena) k->arena = arena_new(4 << 20);
  arena_reset(k->arena);
  r->key[at] = key;
  k->answer = (Answer){ .err = E_CONFLICT,
                        .words = S("This was done already; its answer was too large to keep. Look at the "
                                   "result before going on.") };
  if (answer->result_json.n <= KEPT_BYTES) k->answer = answer_copy(k->arena, answer);
}
