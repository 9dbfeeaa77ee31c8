/* RFC 3161 through libcrypto. */
#include "crypto/crypto.h"
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <time.h>

typedef TS_REQ *Request;
typedef TS_RESP *Response;
static void Request_drop(Request *r) { TS_REQ_free(*r); }
static void Response_drop(Response *r) { TS_RESP_free(*r); }

static ASN1_INTEGER *nonce_new(void) {
  uint8_t bytes[8];
  random_bytes(bytes, sizeof bytes);
  bytes[0] = (uint8_t)((bytes[0] & 0x7F) | 1);   /* positive and without leading zeroes: one encoding */
  ASN1_INTEGER *n = ASN1_INTEGER_new();
  if (n && ASN1_STRING_set(n, bytes, sizeof bytes)) return n;
  ASN1_INTEGER_free(n);
  return NULL;
}

static bool fill(TS_REQ *r, Hash of) {
  X509_ALGOR *algo = X509_ALGOR_new();
  TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
  ASN1_INTEGER *nonce = nonce_new();
  bool good = algo && imprint && nonce && X509_ALGOR_set0(algo, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, NULL) &&
              TS_MSG_IMPRINT_set_algo(imprint, algo) && TS_MSG_IMPRINT_set_msg(imprint, of.b, sizeof of.b) &&
              TS_REQ_set_version(r, 1) && TS_REQ_set_msg_imprint(r, imprint) && TS_REQ_set_nonce(r, nonce) &&
              TS_REQ_set_cert_req(r, 1);
  X509_ALGOR_free(algo);
  TS_MSG_IMPRINT_free(imprint);
  ASN1_INTEGER_free(nonce);
  return good;
}

Err timestamp_request(Cx *cx, Hash of, Str *der) {
  AUTO(Request) r = TS_REQ_new();
  int n = r && fill(r, of) ? i2d_TS_REQ(r, NULL) : 0;
  if (n <= 0) return fail(cx, E_LIMIT, "The request for a timestamp could not be made. Nothing was stored.");
  uint8_t *bytes = arena_alloc(cx->arena, (size_t)n), *end = bytes;
  (void)i2d_TS_REQ(r, &end);
  *der = (Str){ (const char *)bytes, (size_t)n };
  return E_OK;
}

/* Whole and nothing behind it. */
static TS_REQ *request_read(Str der) {
  const uint8_t *p = (const uint8_t *)der.p, *end = p + der.n;
  TS_REQ *r = d2i_TS_REQ(NULL, &p, (long)der.n);
  if (r && p == end) return r;
  TS_REQ_free(r);
  return NULL;
}

static TS_RESP *response_read(Str der) {
  const uint8_t *p = (const uint8_t *)der.p, *end = p + der.n;
  TS_RESP *r = d2i_TS_RESP(NULL, &p, (long)der.n);
  if (r && p == end) return r;
  TS_RESP_free(r);
  return NULL;
}

static bool stamped_at(TS_RESP *r, int64_t *us) {
  struct tm tm;
  const TS_TST_INFO *info = TS_RESP_get_tst_info(r);
  if (!info || !ASN1_TIME_to_tm(TS_TST_INFO_get_time(info), &tm)) return false;
  *us = (int64_t)timegm(&tm) * US_PER_S;
  return true;
}

static Str authority(Arena *a, TS_RESP *r) {
  char name[256] = "";
  STACK_OF(X509) *signers = PKCS7_get0_signers(TS_RESP_get_token(r), NULL, 0);
  if (signers && sk_X509_num(signers) > 0)
    (void)X509_NAME_oneline(X509_get_subject_name(sk_X509_value(signers, 0)), name, sizeof name);
  sk_X509_free(signers);
  return str_dup(a, str_of(name));
}

/* The authority's roots, and the time of the stamp as the time at which its certificate must have been good. */
static X509_STORE *roots(Str pem, int64_t at_us) {
  X509_STORE *s = X509_STORE_new();
  BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
  int n = 0;
  for (X509 *c; s && bio && (c = PEM_read_bio_X509(bio, NULL, NULL, NULL)); n++) {
    (void)X509_STORE_add_cert(s, c);
    X509_free(c);
  }
  BIO_free(bio);
  if (s) X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(s), (time_t)(at_us / US_PER_S));
  if (n) return s;
  X509_STORE_free(s);
  return NULL;
}

static bool verified(TS_REQ *request, TS_RESP *reply, X509_STORE *trusted) {
  TS_VERIFY_CTX *ctx = TS_REQ_to_TS_VERIFY_CTX(request, NULL);   /* imprint and nonce are those of the request */
  if (ctx && trusted) {
#if OPENSSL_VERSION_NUMBER >= 0x30400000L
    (void)TS_VERIFY_CTX_set0_store(ctx, trusted);   /* and is freed with it */
#else
    (void)TS_VERIFY_CTX_set_store(ctx, trusted);
#endif
    (void)TS_VERIFY_CTX_add_flags(ctx, TS_VFY_SIGNATURE);
  }
  bool good = ctx && TS_RESP_verify_response(ctx, reply) == 1;
  if (good && !trusted) good = PKCS7_verify(TS_RESP_get_token(reply), NULL, NULL, NULL, NULL, PKCS7_NOVERIFY) == 1;
  TS_VERIFY_CTX_free(ctx);
  return good;
}

bool timestamp_check(Arena *a, Str request, Str reply, Str ca_pem, Stamp *out) {
  AUTO(Request) asked = request_read(request);
  AUTO(Response) got = response_read(reply);
  Stamp s = { 0 };
  X509_STORE *trusted = NULL;
  bool good = asked && got && stamped_at(got, &s.at_us);
  if (good && ca_pem.n) good = (trusted = roots(ca_pem, s.at_us)) != NULL;
  if (good) good = verified(asked, got, trusted);
  if (good) s.authority = authority(a, got);
  ERR_clear_error();
  if (good) *out = s;
  return good;
}

bool timestamp_is_of(Str request, Hash of) {
  AUTO(Request) r = request_read(request);
  ASN1_OCTET_STRING *msg = r ? TS_MSG_IMPRINT_get_msg(TS_REQ_get_msg_imprint(r)) : NULL;
  ERR_clear_error();
  return msg && ASN1_STRING_length(msg) == (int)sizeof of.b &&
         memcmp(ASN1_STRING_get0_data(msg), of.b, sizeof of.b) == 0;
}
