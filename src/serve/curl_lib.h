/* curl_lib.h - libcurl, loaded by the one process that connects out.
 *
 * With what it links it is half of the program's shared libraries: every command would wait for them at its start. */
#pragma once
#define CURL_DISABLE_TYPECHECK       /* its macros of the same names would stand in the way */
#include <curl/curl.h>
#include <stdbool.h>

#define CURL_CALLS(X)                                                                                            \
  X(curl_global_init) X(curl_easy_init) X(curl_easy_reset) X(curl_easy_setopt) X(curl_easy_perform)              \
  X(curl_easy_getinfo) X(curl_easy_strerror) X(curl_slist_append) X(curl_slist_free_all) X(curl_free)            \
  X(curl_url) X(curl_url_set) X(curl_url_get) X(curl_url_cleanup)

#undef curl_easy_setopt
#undef curl_easy_getinfo
typedef struct CurlLib {
#define X(name) __typeof__(name) *name;
  CURL_CALLS(X)
#undef X
} CurlLib;

/* false: it is not installed, or lacks a call. */
bool curl_load(CurlLib *out);
