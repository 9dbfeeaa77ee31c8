/* proofline-verify PACKAGE.zip [POLICY]: files in, findings out. */
#include "proof.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EXIT_FINDINGS = 8, EXIT_USAGE = 2 };
size_t findings;

int order(Text a, Text b) {
  size_t n = a.n < b.n ? a.n : b.n;
  int o = n ? memcmp(a.p, b.p, n) : 0;
  return o ? o : (a.n > b.n) - (a.n < b.n);
}

bool cut(Text *rest, char end, Text *out) {
  const char *at = rest->n ? memchr(rest->p, end, rest->n) : NULL;
  if (!at) return false;
  *out = (Text){ rest->p, (size_t)(at - rest->p) };
  *rest = from(*rest, out->n + 1);
  return true;
}

bool only(Text t, const char *letters) {
  for (size_t i = 0; i < t.n; i++)
    if (!t.p[i] || !strchr(letters, t.p[i])) return false;
  return true;
}

bool number(Text t, int64_t *out) {
  int64_t v = 0;
  if (!t.n || t.n > 16 || (t.p[0] == '0' && t.n > 1) || !only(t, "0123456789")) return false;
  for (size_t i = 0; i < t.n; i++) v = v * 10 + (t.p[i] - '0');
  *out = v;
  return v < INT64_C(1) << 53;
}

void *room(size_t n, size_t each) {
  static char *next;
  static size_t left = (size_t)1 << 34; /* addresses; memory only as it is used */
  size_t size;
  if (!next) next = mmap(NULL, left, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (next == MAP_FAILED || __builtin_mul_overflow(n, each, &size) || size > left - 16) {
    (void)fputs("proofline-verify: there is not enough memory; nothing is said about the package\n", stderr);
    exit(EXIT_USAGE);
  }
  size = (size + 15) / 16 * 16;
  left -= size;
  next += size;
  return next - size;
}

void finding(const char *kind, Text object, const char *what) {
  findings++;
  Text shown = name_ok(object) ? object : T("-");
  (void)printf("%s %.*s %s\n", kind, TEXT(shown), what);
}

/* The whole file, mapped; an empty one is empty text. */
static bool file_read(const char *path, Text *out) {
  struct stat st;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) return false;
  void *p = st.st_size ? mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
  if (p == MAP_FAILED) return false;
  *out = (Text){ p ? p : "", (size_t)st.st_size };
  return true;
}

int main(int argc, char **argv) {
  Text package, policy = { 0 };
  if (argc < 2 || argc > 3 || argv[1][0] == '-') {
    (void)fputs("proofline-verify PACKAGE.zip [POLICY]\n\n"
                "Checks records with their history against the log that they come from.  POLICY: lines \"log KEY\"\n"
                "and \"quorum none\", the key got from the manufacturer once and kept.\n"
                "Exit 0: nothing found.  8: findings, one on each line: kind, object, what.  2: no answer.\n", stderr);
    return EXIT_USAGE;
  }
  if (!file_read(argv[1], &package) || (argc == 3 && !file_read(argv[2], &policy))) {
    (void)fputs("proofline-verify: package or policy cannot be read\n", stderr);
    return EXIT_USAGE;
  }
  if (argc == 2)
    (void)fputs("No policy was given: the key is the package's own. This tells not whose the package is.\n", stderr);
  check(package, policy);
  if (!findings) (void)fputs("Nothing found: the package is what its log vouches for.\n", stderr);
  return findings || fflush(stdout) != 0 ? EXIT_FINDINGS : 0;
}
