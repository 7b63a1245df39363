/* Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0 */

/* Operations that take long: they look at the cancel flag and call back after at most a millisecond of work. */
#include "internal.h"

#include <string.h>

/* With HDI_MATMUL_INNER, the products between two looks: a third of a millisecond. */
#define MATMUL_COLUMNS 256
#define MATMUL_ROWS 64

/*
 * Bytes of the sieve that are crossed out together: half of a first-level cache, half a millisecond for the greatest
 * limit.
 */
#define SIEVE_BLOCK ((int64_t)16 * 1024)

/* Points between two looks: a quarter of a millisecond. */
#define MONTE_CARLO_BLOCK ((int64_t)128 * 1024)

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

int32_t hd_matmul_f64(const double *a, const double *b, double *c, int64_t rows, int64_t inner, int64_t columns,
                      hd_progress progress, const int32_t *cancelled) {
  if (rows < 0 || inner < 0 || columns < 0 || rows > INT32_MAX || inner > INT32_MAX || columns > INT32_MAX) {
    return HD_RANGE;
  }
  int32_t status = hdi_check_numbers(a, rows * inner);
  if (status == HD_OK) {
    status = hdi_check_numbers(b, inner * columns);
  }
  if (status == HD_OK) {
    status = hdi_check_numbers(c, rows * columns);
  }
  if (status != HD_OK) {
    return status;
  }
  int64_t values = rows * columns;
  if (hdi_overlap(a, rows * inner * 8, c, values * 8) || hdi_overlap(b, inner * columns * 8, c, values * 8)) {
    return HD_OVERLAP;
  }
  const struct hdi_kernels *kernels = hdi_kernels();
  int64_t done = 0;
  for (int64_t row = 0; row < rows && columns > 0; row += MATMUL_ROWS) {
    int64_t height = least(MATMUL_ROWS, rows - row);
    for (int64_t column = 0; column < columns; column += MATMUL_COLUMNS) {
      int64_t width = least(MATMUL_COLUMNS, columns - column);
      for (int64_t i = row; i < row + height; i++) {
        memset(c + i * columns + column, 0, (size_t)width * sizeof(double));
      }
      for (int64_t k = 0; k == 0 || k < inner; k += HDI_MATMUL_INNER) { /* zeros without products take time, too */
        status = hdi_look(done, values, progress, cancelled);
        if (status != HD_OK) {
          return status;
        }
        if (k < inner) {
          kernels->matmul(a + row * inner + k, b + k * columns + column, c + row * columns + column, height,
                          least(HDI_MATMUL_INNER, inner - k), width, inner, columns);
        }
      }
      done += height * width;
    }
  }
  return hdi_look(values, values, progress, cancelled);
}

/* Bit i of the sieve is the number 2 * i + 1. */
static bool is_prime(const uint8_t *bits, int64_t number) {
  return (bits[number >> 4] >> ((number >> 1) & 7) & 1) != 0;
}

/* Crosses the odd multiples of the prime out, from its square on, among the bits first to end. */
static void cross_out(uint8_t *bits, int64_t prime, int64_t first, int64_t end) {
  int64_t bit = prime * prime >> 1;
  if (bit < first) {
    int64_t beyond = (first - bit) % prime; /* bits of odd multiples are prime bits apart */
    bit = beyond == 0 ? first : first + prime - beyond;
  }
  for (; bit < end; bit += prime) {
    bits[bit >> 3] &= (uint8_t) ~(1U << (bit & 7));
  }
}

int32_t hd_sieve(int64_t limit, uint8_t *bits, int64_t capacity, int64_t *primes, hd_progress progress,
                 const int32_t *cancelled) {
  if (limit < 0 || limit > HD_SIEVE_MAX || capacity < 0) {
    return HD_RANGE;
  }
  if (bits == NULL) {
    return HD_NULL;
  }
  int32_t status = hdi_check_numbers(primes, 1);
  if (status != HD_OK) {
    return status;
  }
  int64_t bytes = limit / 16 + 1;
  if (capacity < bytes) {
    return HD_CAPACITY;
  }
  int64_t end_bit = (limit + 1) / 2; /* the odd numbers up to the limit */
  int64_t found = limit >= 2 ? 1 : 0;
  for (int64_t first = 0; first < bytes; first += SIEVE_BLOCK) {
    status = hdi_look(first, bytes, progress, cancelled);
    if (status != HD_OK) {
      return status;
    }
    int64_t size = least(SIEVE_BLOCK, bytes - first);
    int64_t end = least((first + size) * 8, end_bit);
    memset(bits + first, 0xff, (size_t)size);
    if (first == 0) {
      bits[0] &= 0xfe; /* 1 is not a prime */
    }
    for (int64_t prime = 3; prime * prime <= 2 * end - 1; prime += 2) {
      /* Of the first block, those bits that are asked for have been crossed out by smaller primes. */
      if (is_prime(bits, prime)) {
        cross_out(bits, prime, first * 8, end);
      }
    }
    for (int64_t bit = end; bit < (first + size) * 8; bit++) {
      bits[bit >> 3] &= (uint8_t) ~(1U << (bit & 7));
    }
    for (int64_t i = first; i < first + size; i++) {
      found += __builtin_popcount(bits[i]);
    }
  }
  status = hdi_look(bytes, bytes, progress, cancelled);
  if (status == HD_OK) {
    *primes = found;
  }
  return status;
}

/* The number that SplitMix64 makes of a state. */
static uint64_t mix(uint64_t state) {
  state = (state ^ state >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  state = (state ^ state >> 27) * UINT64_C(0x94d049bb133111eb);
  return state ^ state >> 31;
}

int32_t hd_monte_carlo(int64_t samples, uint64_t seed, int64_t *inside, hd_progress progress,
                       const int32_t *cancelled) {
  if (samples < 0) {
    return HD_RANGE;
  }
  int32_t status = hdi_check_numbers(inside, 1);
  if (status != HD_OK) {
    return status;
  }
  int64_t hits = 0;
  uint64_t state = seed;
  for (int64_t done = 0; done < samples; done += least(MONTE_CARLO_BLOCK, samples - done)) {
    status = hdi_look(done, samples, progress, cancelled);
    if (status != HD_OK) {
      return status;
    }
    int64_t size = least(MONTE_CARLO_BLOCK, samples - done);
    for (int64_t i = 0; i < size; i++) {
      state += UINT64_C(0x9e3779b97f4a7c15);
      uint64_t random = mix(state);
      uint64_t x = random >> 33;
      uint64_t y = random & 0x7fffffff;
      hits += x * x + y * y < UINT64_C(1) << 62;
    }
  }
  status = hdi_look(samples, samples, progress, cancelled);
  if (status == HD_OK) {
    *inside = hits;
  }
  return status;
}
