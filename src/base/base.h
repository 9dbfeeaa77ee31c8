/* base.h - what every folder stands on: text, memory, failure, time, settings.
 *
 * Floor 0.  Includes only libc.  Knows nothing of records, files or networks. */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/cx.h"
#include "base/err.h"
#include "base/file.h"
#include "base/settings.h"
#include "base/str.h"
#include "base/vec.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
