/* hammer.c - many people edit the same few records while the server is shot at: hammer FOLDER LOGIN CLIENTS RECORDS ACKS
 *
 * Each client reads a record, waits a little, and saves on the revision that it read; what is acknowledged goes as one line
 * "request id base rev token" to ACKS before the client goes on.  A stale edit is counted, a lost connection is tried again
 * with the same request id, so that an answer that never came is not done twice.  Ends at SIGTERM with a line of counts. */
#include "app/app.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct Counts { int64_t saved, stale, again, odd; char words[200]; } Counts;
typedef struct Hammer {
  Cx *cx;
  const char *folder;
  Str person;
  int acks, client, records;
  Writer *writer;
  Counts *counts;
} Hammer;

static volatile sig_atomic_t stopping;
static void stop(int signal) { (void)signal; stopping = 1; }

static uint32_t dice(uint32_t n) {
  uint32_t r;
  random_bytes((uint8_t *)&r, sizeof r);
  return r % n;
}

static void nap(uint32_t most_us) { (void)usleep(dice(most_us) + 1); }

static bool note(const Hammer *h, Str line) { return write(h->acks, line.p, line.n) == (ssize_t)line.n; }

static Err read_rev(const Hammer *h, Str id, int64_t *rev) {
  Store *s = NULL;
  Record r;
  TRY(store_open(h->cx, h->folder, STORE_READ, &s));
  Err e = record_get(h->cx, s, id, 0, &r);
  store_close(s);
  if (e == E_OK) *rev = r.rev;
  return e;
}

static Err send(Hammer *h, const Ask *ask, Answer *a) {
  if (!h->writer) TRY(writer_remote(h->cx, h->folder, &h->writer));
  return writer_ask(h->cx, h->writer, ask, 1, a);
}

/* The same request until an answer comes. */
static Err save(Hammer *h, Str id, int64_t base, Str token, Str request) {
  Str args = str_fmt(h->cx->arena, "{\"id\":\"%.*s\",\"base\":%lld,\"input\":{\"path\":\"%.*s\"}}", STR(id), (long long)base,
                     STR(token));
  Ask ask = { S("record.save"), h->person, S("local"), S("cli"), request, S("measured"), args, STR_NONE };
  for (;;) {
    Answer a = { 0 };
    Err e = send(h, &ask, &a);
    if (e == E_OK && a.err != E_BUSY && a.err != E_IO) return answer_result(h->cx, &a);
    cx_forgive(h->cx);
    h->counts->again++;
    if (stopping) return fail(h->cx, E_BUSY, "stopped");
    nap(20000);
  }
}

static void one(Hammer *h) {
  cx_reset(h->cx);
  Str id = str_fmt(h->cx->arena, "HIT-%u", dice((uint32_t)h->records) + 1);
  Str token = random_hex(h->cx->arena, 12), request = random_hex(h->cx->arena, 8);
  int64_t base = 0;
  Err e = read_rev(h, id, &base);
  nap(3000);
  if (e == E_OK) e = save(h, id, base, token, request);
  if (e == E_OK) {
    h->counts->saved++;
    if (!note(h, str_fmt(h->cx->arena, "%.*s %.*s %lld %lld %.*s\n", STR(request), STR(id), (long long)base,
                         (long long)base + 1, STR(token)))) _exit(70);
  } else if (e == E_STALE) h->counts->stale++;
  else if (e != E_BUSY && e != E_IO) {
    h->counts->odd++;
    Str words = str_slice(h->cx->words, 0, sizeof h->counts->words - 1);
    memcpy(h->counts->words, words.p, words.n);
  }
  cx_forgive(h->cx);
}

static Err find_person(Hammer *h, Str login) {
  Store *s = NULL;
  Who who;
  TRY(store_open(h->cx, h->folder, STORE_READ, &s));
  Err e = people_who_login(h->cx, s, login, &who);
  store_close(s);
  if (e == E_OK) h->person = who.id;
  return e;
}

static void client(Hammer h) {
  Cx cx = cx_new(64 << 20), life = cx_new(64 << 20);
  h.cx = &life;
  if (writer_remote(&life, h.folder, &h.writer) != E_OK) cx_forgive(&life);
  h.cx = &cx;
  while (!stopping) one(&h);
  _exit(0);
}

int main(int argc, char **argv) {
  if (argc != 6) return err_exit(E_USAGE);
  Cx cx = cx_new(64 << 20);
  int clients = atoi(argv[3]);
  Counts *counts = mmap(NULL, sizeof *counts * (size_t)clients, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  Hammer h = { .cx = &cx, .folder = argv[1], .records = atoi(argv[4]),
               .acks = open(argv[5], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) };
  struct sigaction end = { .sa_handler = stop };
  if (app_start(&cx) != E_OK || find_person(&h, str_of(argv[2])) != E_OK || counts == MAP_FAILED || h.acks < 0 || sigaction(SIGTERM, &end, NULL) != 0) return 70;
  for (int i = 0; i < clients; i++) {
    h.client = i;
    h.counts = &counts[i];
    if (fork() == 0) client(h);
  }
  while (!stopping) (void)pause();
  (void)kill(0, SIGTERM);
  while (wait(NULL) > 0) continue;
  Counts all = { 0 };
  for (int i = 0; i < clients; i++) {
    all.saved += counts[i].saved, all.stale += counts[i].stale, all.again += counts[i].again, all.odd += counts[i].odd;
    if (counts[i].words[0]) memcpy(all.words, counts[i].words, sizeof all.words);
  }
  (void)printf("%lld %lld %lld %lld %s\n", (long long)all.saved, (long long)all.stale, (long long)all.again,
               (long long)all.odd, all.words);
  return 0;
}
