/* Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0 */

/* What the tests of the library share: checks that count, random numbers, exact-size copies. */
#ifndef HEDDLE_CHECK_H
#define HEDDLE_CHECK_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures;

#define CHECK(condition)                                              \
  do {                                                                \
    if (!(condition)) {                                               \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
      failures++;                                                     \
    }                                                                 \
  } while (0)

/* SplitMix64. */
static inline uint64_t next_random(uint64_t *state) {
  uint64_t mixed = *state += UINT64_C(0x9e3779b97f4a7c15);
  mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
  return mixed ^ mixed >> 31;
}

/* Memory of exactly this size, so that sanitizers see the first byte beyond it. */
static inline void *exactly(int64_t size) {
  void *memory = size < 0 ? NULL : malloc(size == 0 ? 1 : (size_t)size);
  if (memory == NULL) {
    fprintf(stderr, "no memory: size=%" PRId64 "\n", size);
    exit(2);
  }
  return memory;
}

static inline void *copy_of(const void *bytes, int64_t size) {
  void *copy = exactly(size);
  return size == 0 ? copy : memcpy(copy, bytes, (size_t)size);
}

static inline uint64_t bits_of(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

/* The same bits, or both not a number. */
static inline bool same_double(double a, double b) { return bits_of(a) == bits_of(b) || (a != a && b != b); }

/* Whether all of these are. */
static inline bool same_doubles(const double *a, const double *b, int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    if (!same_double(a[i], b[i])) {
      return false;
    }
  }
  return true;
}

#endif
