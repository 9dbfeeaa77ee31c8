/* test_store.h - a store with made-up records of the small model, for the load test and the benchmark. */
#pragma once
#include "trace/test_model.h"

Err test_store_open(Cx *cx, char *folder, Store **out);     /* folder: a mkdtemp template */
void test_store_close(Store *s, const char *folder);
/* n groups of five linked records (requirement, control, threat, test, run), numbered from `first`. */
Err test_store_load(Cx *cx, Store *s, size_t first, size_t n);
Err test_store_command(Cx *cx, Store *s, const char *name, Str args, const char *reason);
