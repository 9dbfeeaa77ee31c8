/* tsa.h - a timestamp authority of the tests' own: a root, a certificate for timestamping, replies as RFC 3161 has
 * them. */
#pragma once
#include "crypto/crypto.h"
#include <openssl/pem.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>

typedef struct Tsa { EVP_PKEY *root_key, *key; X509 *root, *cert; TS_RESP_CTX *ctx; } Tsa;

static inline X509 *tsa_cert(EVP_PKEY *key, const char *name, X509 *by, EVP_PKEY *by_key, const char *usage) {
  X509 *c = X509_new();
  X509_NAME *n = X509_NAME_new();
  X509V3_CTX v3;
  (void)X509_NAME_add_entry_by_txt(n, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
  (void)X509_set_version(c, 2);
  (void)ASN1_INTEGER_set(X509_get_serialNumber(c), by ? 2 : 1);
  (void)X509_gmtime_adj(X509_getm_notBefore(c), -3600);
  (void)X509_gmtime_adj(X509_getm_notAfter(c), 86400);
  (void)X509_set_subject_name(c, n);
  (void)X509_set_issuer_name(c, by ? X509_get_subject_name(by) : n);
  (void)X509_set_pubkey(c, key);
  X509V3_set_ctx(&v3, by ? by : c, c, NULL, NULL, 0);
  X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &v3, by ? NID_ext_key_usage : NID_basic_constraints, usage);
  (void)X509_add_ext(c, e, -1);
  (void)X509_sign(c, by ? by_key : key, EVP_sha256());
  X509_EXTENSION_free(e);
  X509_NAME_free(n);
  return c;
}

static inline ASN1_INTEGER *tsa_serial(TS_RESP_CTX *ctx, void *env) {
  (void)ctx; (void)env;
  ASN1_INTEGER *n = ASN1_INTEGER_new();
  (void)ASN1_INTEGER_set(n, 7);
  return n;
}

static inline void tsa_make(Tsa *t) {
  t->root_key = EVP_EC_gen("P-256");
  t->key = EVP_EC_gen("P-256");
  t->root = tsa_cert(t->root_key, "Test root", NULL, NULL, "critical,CA:TRUE");
  t->cert = tsa_cert(t->key, "Test authority", t->root, t->root_key, "critical,timeStamping");
  t->ctx = TS_RESP_CTX_new();
  ASN1_OBJECT *policy = OBJ_txt2obj("1.2.3.4.1", 1);
  (void)TS_RESP_CTX_set_def_policy(t->ctx, policy);
  ASN1_OBJECT_free(policy);
  (void)TS_RESP_CTX_add_md(t->ctx, EVP_sha256());
  (void)TS_RESP_CTX_set_signer_digest(t->ctx, EVP_sha256());
  (void)TS_RESP_CTX_set_signer_cert(t->ctx, t->cert);
  (void)TS_RESP_CTX_set_signer_key(t->ctx, t->key);
  TS_RESP_CTX_set_serial_cb(t->ctx, tsa_serial, NULL);
}

static inline void tsa_drop(Tsa *t) {
  TS_RESP_CTX_free(t->ctx);
  X509_free(t->cert);
  X509_free(t->root);
  EVP_PKEY_free(t->key);
  EVP_PKEY_free(t->root_key);
}

static inline Str tsa_reply(Arena *a, Tsa *t, Str request) {
  BIO *in = BIO_new_mem_buf(request.p, (int)request.n);
  TS_RESP *r = TS_RESP_create_response(t->ctx, in);
  int n = i2d_TS_RESP(r, NULL);
  uint8_t *bytes = arena_alloc(a, (size_t)n), *end = bytes;
  (void)i2d_TS_RESP(r, &end);
  TS_RESP_free(r);
  BIO_free(in);
  return (Str){ (const char *)bytes, (size_t)n };
}

static inline Str tsa_root(Arena *a, const Tsa *t) {
  BIO *out = BIO_new(BIO_s_mem());
  char *p = NULL;
  (void)PEM_write_bio_X509(out, t->root);
  long n = BIO_get_mem_data(out, &p);
  Str pem = str_dup(a, (Str){ p, (size_t)n });
  BIO_free(out);
  return pem;
}
