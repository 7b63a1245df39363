/* Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0 */

/* What the files of the library share. */
#ifndef HEDDLE_INTERNAL_H
#define HEDDLE_INTERNAL_H

#include "heddle.h"

#include <stdbool.h>
#include <stddef.h>

/* How many partial sums there are. Two registers of AVX-512, four of AVX2, eight of SSE2 or NEON. */
#define HDI_LANES 16

/* Values of which mean and deviations are computed in two passes: half of a first-level cache. */
#define HDI_STATISTICS_BLOCK 2048

/* Rows of b that a product of matrices uses together. */
#define HDI_MATMUL_INNER 64

/* Of some values, at least one. */
struct hdi_block {
  double mean;
  double deviations; /* squared, their sum */
  double min;
  double max;
  bool has_nan;
};

/*
 * What is compiled once for each kind of vector instructions, from kernels.c. Arguments have been checked.
 * Lengths of texts and counts may be 0.
 */
struct hdi_kernels {
  int32_t target;
  double (*dot)(const double *a, const double *b, int64_t count);
  void (*axpy)(double alpha, const double *x, double *y, int64_t count);
  /* Of 1 to HDI_STATISTICS_BLOCK values. */
  void (*statistics)(const double *values, int64_t count, struct hdi_block *block);
  /* c += a * b; rows of a are a_stride values apart, those of b and c stride; inner is at most HDI_MATMUL_INNER. */
  void (*matmul)(const double *a, const double *b, double *c, int64_t rows, int64_t inner, int64_t columns,
                 int64_t a_stride, int64_t stride);
  /* The length of a prefix that is known to be whole and valid. */
  int64_t (*utf8_valid)(const uint8_t *text, int64_t length);
  int64_t (*utf8_count)(const uint8_t *text, int64_t length);
  /* The length of a prefix that is ASCII, perhaps not the longest. */
  int64_t (*ascii)(const uint8_t *text, int64_t length);
  /* Changes the case of ASCII letters; first is 'a' or 'A', the first of those that become others. */
  void (*change_case)(const uint8_t *text, int64_t length, uint8_t *changed, uint8_t first);
  int64_t (*count_words)(const uint8_t *text, int64_t length);
  /* 1 <= needle_length <= length. */
  int64_t (*find)(const uint8_t *text, int64_t length, const uint8_t *needle, int64_t needle_length);
};

extern const struct hdi_kernels hdi_kernels_baseline;
#if defined(__x86_64__)
extern const struct hdi_kernels hdi_kernels_avx2;
#endif

/* The fastest that this processor has. */
const struct hdi_kernels *hdi_kernels(void);

/* Whether so many values of 8 bytes may be at a place: HD_OK, or why not. */
int32_t hdi_check_numbers(const void *numbers, int64_t count);

/* Whether so many bytes may be at a place. */
int32_t hdi_check_bytes(const void *bytes, int64_t length);

/* Writes the status of what returns its result, if somebody asks for it; whether it is HD_OK. */
bool hdi_is_ok(int32_t found, int32_t *status);

bool hdi_overlap(const void *a, int64_t a_bytes, const void *b, int64_t b_bytes);

/* Looks at the flag and calls back; both may be null. HD_OK to go on. */
int32_t hdi_look(int64_t done, int64_t total, hd_progress progress, const int32_t *cancelled);

#endif
