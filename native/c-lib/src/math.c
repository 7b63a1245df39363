/* Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0 */

/* Operations on numbers that are short. */
#include "internal.h"

#include <math.h>

int32_t hd_add_i64(int64_t a, int64_t b, int64_t *sum) {
  int64_t result;
  int32_t status = hdi_check_numbers(sum, 1);
  if (status != HD_OK) {
    return status;
  }
  if (__builtin_add_overflow(a, b, &result)) {
    return HD_OVERFLOW;
  }
  *sum = result;
  return HD_OK;
}

int32_t hd_multiply_i64(int64_t a, int64_t b, int64_t *product) {
  int64_t result;
  int32_t status = hdi_check_numbers(product, 1);
  if (status != HD_OK) {
    return status;
  }
  if (__builtin_mul_overflow(a, b, &result)) {
    return HD_OVERFLOW;
  }
  *product = result;
  return HD_OK;
}

int32_t hd_sum_i64(const int64_t *values, int64_t count, int64_t *sum) {
  int32_t status = hdi_check_numbers(values, count);
  if (status == HD_OK) {
    status = hdi_check_numbers(sum, 1);
  }
  if (status != HD_OK) {
    return status;
  }
  __int128 total = 0; /* 2^60 values of 64 bits fit */
  for (int64_t i = 0; i < count; i++) {
    total += values[i];
  }
  if (total < INT64_MIN || total > INT64_MAX) {
    return HD_OVERFLOW;
  }
  *sum = (int64_t)total;
  return HD_OK;
}

int32_t hd_factorial_i64(int64_t n, int64_t *factorial) {
  int32_t status = hdi_check_numbers(factorial, 1);
  if (status != HD_OK) {
    return status;
  }
  if (n < 0) {
    return HD_RANGE;
  }
  int64_t product = 1;
  for (int64_t factor = 2; factor <= n; factor++) {
    if (__builtin_mul_overflow(product, factor, &product)) {
      return HD_OVERFLOW;
    }
  }
  *factorial = product;
  return HD_OK;
}

int32_t hd_binomial_i64(int64_t n, int64_t k, int64_t *binomial) {
  int32_t status = hdi_check_numbers(binomial, 1);
  if (status != HD_OK) {
    return status;
  }
  if (n < 0 || k < 0) {
    return HD_RANGE;
  }
  if (k > n) {
    *binomial = 0;
    return HD_OK;
  }
  int64_t chosen = k < n - k ? k : n - k;
  int64_t ways = 1;
  /* After step i: (n - chosen + i choose i). They only grow, and have overflown after 66 steps at the latest. */
  for (int64_t i = 1; i <= chosen; i++) {
    unsigned __int128 next = (unsigned __int128)(uint64_t)ways * (uint64_t)(n - chosen + i) / (uint64_t)i;
    if (next > INT64_MAX) {
      return HD_OVERFLOW;
    }
    ways = (int64_t)next;
  }
  *binomial = ways;
  return HD_OK;
}

double hd_dot_f64(const double *a, const double *b, int64_t count, int32_t *status) {
  int32_t found = hdi_check_numbers(a, count);
  if (found == HD_OK) {
    found = hdi_check_numbers(b, count);
  }
  return hdi_is_ok(found, status) ? hdi_kernels()->dot(a, b, count) : 0;
}

int32_t hd_axpy_f64(double alpha, const double *x, double *y, int64_t count) {
  int32_t status = hdi_check_numbers(x, count);
  if (status == HD_OK) {
    status = hdi_check_numbers(y, count);
  }
  if (status != HD_OK) {
    return status;
  }
  if (x != y && hdi_overlap(x, count * 8, y, count * 8)) {
    return HD_OVERLAP;
  }
  hdi_kernels()->axpy(alpha, x, y, count);
  return HD_OK;
}

int32_t hd_statistics_f64(const double *values, int64_t count, struct hd_statistics *statistics) {
  int32_t status = hdi_check_numbers(values, count);
  if (status == HD_OK) {
    status = hdi_check_numbers(statistics, 1);
  }
  if (status != HD_OK) {
    return status;
  }
  struct hdi_block all = {0, 0, INFINITY, -INFINITY, false};
  for (int64_t done = 0; done < count; done += HDI_STATISTICS_BLOCK) {
    int64_t size = count - done < HDI_STATISTICS_BLOCK ? count - done : HDI_STATISTICS_BLOCK;
    struct hdi_block block;
    hdi_kernels()->statistics(values + done, size, &block);
    if (done == 0) { /* or a mean whose square overflows would make a product with 0 of it */
      all.mean = block.mean;
      all.deviations = block.deviations;
    } else {
      double part = (double)size / (double)(done + size);
      double delta = block.mean - all.mean;
      all.mean += delta * part;
      all.deviations += block.deviations + delta * delta * ((double)done * part);
    }
    all.min = block.min < all.min ? block.min : all.min;
    all.max = block.max > all.max ? block.max : all.max;
    all.has_nan |= block.has_nan;
  }
  statistics->count = count;
  statistics->mean = count == 0 ? NAN : all.mean;
  statistics->variance = count < 2 ? NAN : all.deviations / (double)(count - 1);
  statistics->min = count == 0 || all.has_nan ? NAN : all.min + 0.0;
  statistics->max = count == 0 || all.has_nan ? NAN : all.max + 0.0;
  return HD_OK;
}
