/* Addresses that must not be asked (T-SSRF), and those that may. */
#include "serve/fetch.h"
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#undef fail

static const struct {
  const char *address;
  bool refused;
} cases[] = {
  { "127.0.0.1", true },
  { "10.0.0.1", true },
  { "172.16.0.1", true },
  { "172.31.255.255", true },
  { "172.15.0.1", false },
  { "172.32.0.1", false },
  { "192.168.1.1", true },
  { "169.254.169.254", true },
  { "100.64.0.1", true },
  { "100.127.255.255", true },
  { "100.128.0.1", false },
  { "0.0.0.0", true },
  { "224.0.0.1", true },
  { "255.255.255.255", true },
  { "198.18.0.1", true },
  { "192.0.2.1", true },
  { "151.101.1.1", false },
  { "8.8.8.8", false },
  { "::1", true },
  { "::", true },
  { "::ffff:10.0.0.1", true },
  { "::ffff:8.8.8.8", true },
  { "64:ff9b::a00:1", true },
  { "fe80::1", true },
  { "fc00::1", true },
  { "fd12::1", true },
  { "ff02::1", true },
  { "2001:db8::1", true },
  { "2002:7f00:1::", true },
  { "2001:0:1::1", true },
  { "3fff:1000::1", false },
  { "3fff:0:1::", true },
  { "2606:4700::1111", false },
  { "2a00:1450::1", false },
  { "100::1", true },
};

static void t_ssrf_addresses(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct sockaddr_storage a = { 0 };
    bool v6 = strchr(cases[i].address, ':') != NULL;
    a.ss_family = v6 ? AF_INET6 : AF_INET;
    void *to = v6 ? (void *)&((struct sockaddr_in6 *)(void *)&a)->sin6_addr
                  : (void *)&((struct sockaddr_in *)(void *)&a)->sin_addr;
    assert_int_equal(inet_pton(a.ss_family, cases[i].address, to), 1);
    bool refused = address_refused((const struct sockaddr *)&a) != NULL;
    if (refused != cases[i].refused) print_error("%s\n", cases[i].address);
    assert_true(refused == cases[i].refused);
  }
}

static void private_hosts_are_named_with_their_port(void **state) {
  (void)state;
  Str list = S(" mirror.example:8443, ,10.0.0.7,[::1],bad:x");
  assert_true(private_host(list, S("MIRROR.example"), 8443));
  assert_false(private_host(list, S("mirror.example"), 443));
  assert_true(private_host(list, S("10.0.0.7"), 443));
  assert_true(private_host(list, S("[::1]"), 443));
  assert_false(private_host(list, S("bad"), 443));
  assert_false(private_host(S(""), S("127.0.0.1"), 443));
  unsigned ports[8];
  assert_int_equal(allowed_ports(list, ports, COUNT(ports)), 5);
}

static void what_is_not_https_is_not_asked(void **state) {
  (void)state;
  static const char *const urls[] = { "http://example.org/",
                                      "file:///etc/passwd",
                                      "https://a:b@example.org/",
                                      "https://example.org:8443/",
                                      "gopher://x/",
                                      "https://127.0.0.1/",
                                      "https://[::ffff:127.0.0.1]/",
                                      "https://2130706433/",
                                      "https://0x7f.1/",
                                      "" };
  AUTO(Cx) cx = cx_new(16 << 20);
  FetchRules rules = { .pause_us = 1, .tries = 1 };
  AUTO(FetchRef) f = NULL;
  assert_int_equal(fetch_open(&cx, &rules, &f), E_OK);
  for (size_t i = 0; i < COUNT(urls); i++) {
    FetchAnswer a;
    assert_int_equal(fetch_get(&cx, f, &(FetchAsk){ .url = str_of(urls[i]), .most = 1000, .fd = -1 }, &a), E_FEED);
    bool alive = str_find(cx.words, S("ended without")) == SIZE_MAX;
    if (!alive) print_error("%s: %.*s\n", urls[i], STR(cx.words));
    assert_true(alive);
    cx_forgive(&cx);
  }
  FetchAnswer a;
  assert_int_equal(fetch_get(&cx, f, &(FetchAsk){ .url = S("https://x/\r\nHost: y"), .most = 9, .fd = -1 }, &a),
                   E_FEED);
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(t_ssrf_addresses),
                                      cmocka_unit_test(private_hosts_are_named_with_their_port),
                                      cmocka_unit_test(what_is_not_https_is_not_asked) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
