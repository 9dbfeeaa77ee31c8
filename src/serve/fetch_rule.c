/* fetch_rule.c - which addresses may be asked: only public ones, so that nobody reaches inner services through us. */
#include "serve/fetch.h"
#include <string.h>

typedef struct Net {
  uint8_t prefix[16];
  unsigned bits;
  const char *name;
} Net;
static const Net nets4[] = {
  { { 0 }, 8, "this network" },
  { { 10 }, 8, "a private network" },
  { { 100, 64 }, 10, "a carrier's inner network" },
  { { 127 }, 8, "this machine" },
  { { 169, 254 }, 16, "a link-local address" },
  { { 172, 16 }, 12, "a private network" },
  { { 192, 0, 0 }, 24, "a reserved network" },
  { { 192, 0, 2 }, 24, "a documentation network" },
  { { 192, 168 }, 16, "a private network" },
  { { 198, 18 }, 15, "a benchmark network" },
  { { 198, 51, 100 }, 24, "a documentation network" },
  { { 203, 0, 113 }, 24, "a documentation network" },
  { { 224 }, 4, "a multicast address" },
  { { 240 }, 4, "a reserved network" },
};
/* Of what lies in 2000::/3; everything else is not public. */
static const Net nets6[] = {
  { { 0x20, 0x01, 0x00 }, 23, "a reserved network" },
  { { 0x20, 0x01, 0x0d, 0xb8 }, 32, "a documentation network" },
  { { 0x20, 0x02 }, 16, "a tunnel (6to4)" },
  { { 0x3f, 0xff }, 20, "a documentation network" },
};

static bool inside(const uint8_t *a, const Net *n) {
  unsigned whole = n->bits / 8, rest = n->bits % 8;
  if (memcmp(a, n->prefix, whole) != 0) return false;
  return !rest || (a[whole] ^ n->prefix[whole]) >> (8 - rest) == 0;
}

static const char *refused(const uint8_t *a, const Net *nets, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (inside(a, &nets[i])) return nets[i].name;
  return NULL;
}

const char *address_refused(const struct sockaddr *a) {
  uint8_t b[16];
  if (a->sa_family == AF_INET) {
    memcpy(b, &((const struct sockaddr_in *)(const void *)a)->sin_addr, 4);
    return refused(b, nets4, COUNT(nets4));
  }
  if (a->sa_family != AF_INET6) return "no internet address";
  memcpy(b, &((const struct sockaddr_in6 *)(const void *)a)->sin6_addr, 16);
  if (b[0] >> 5 != 1) return "not a public IPv6 address"; /* loopback, mapped IPv4, NAT64, local, multicast */
  return refused(b, nets6, COUNT(nets6));
}

static bool next_host(Str *list, Str *host, unsigned *port) {
  while (list->n) {
    Str one;
    uint64_t n = 443;
    str_cut(*list, ',', &one, list);
    one = str_trim(one);
    if (!one.n) continue;
    size_t colon = str_rfind_char(one, ':');
    bool v6 = one.p[0] == '[' && one.p[one.n - 1] == ']';
    if (colon != SIZE_MAX && !v6) {
      if (!str_uint(str_slice(one, colon + 1, one.n), &n) || n > 65535) continue;
      one = str_slice(one, 0, colon);
    }
    *host = one;
    *port = (unsigned)n;
    return true;
  }
  return false;
}

bool private_host(Str list, Str host, unsigned port) {
  Str one;
  unsigned p;
  while (next_host(&list, &one, &p))
    if (str_eq_nocase(one, host) && p == port) return true;
  return false;
}

size_t allowed_ports(Str list, unsigned *ports, size_t most) {
  Str one;
  size_t n = 0;
  ports[n++] = 443;
  ports[n++] = 53;
  while (n < most && next_host(&list, &one, &ports[n])) n++;
  return n;
}
