/* Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0 */

/* Results, statuses and limits of each function; that nothing is written on an error or beyond a capacity. */
#if defined(__linux__)
#define _GNU_SOURCE
#endif

#include "check.h"
#include "internal.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>

static const uint8_t *bytes_of(const char *text) { return (const uint8_t *)text; }

static int64_t length_of(const char *text) { return (int64_t)strlen(text); }

static int64_t misaligned_place[3];

#define MISALIGNED ((void *)((uintptr_t)misaligned_place + 4))

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#define UNWRITTEN 77

/* ---- numbers */

static void test_integers(void) {
  int64_t result = UNWRITTEN;
  CHECK(hd_add_i64(INT64_MAX, INT64_MIN, &result) == HD_OK && result == -1);
  CHECK(hd_add_i64(INT64_MAX, 1, &result) == HD_OVERFLOW && result == -1);
  CHECK(hd_add_i64(INT64_MIN, -1, &result) == HD_OVERFLOW);
  CHECK(hd_add_i64(INT64_MIN, 0, &result) == HD_OK && result == INT64_MIN);
  CHECK(hd_add_i64(1, 1, NULL) == HD_NULL);
  CHECK(hd_add_i64(1, 1, MISALIGNED) == HD_MISALIGNED);
  CHECK(hd_multiply_i64(INT64_MIN, 1, &result) == HD_OK && result == INT64_MIN);
  CHECK(hd_multiply_i64(INT64_MIN, -1, &result) == HD_OVERFLOW && result == INT64_MIN);
  CHECK(hd_multiply_i64(3037000500, 3037000500, &result) == HD_OVERFLOW);
  CHECK(hd_multiply_i64(3037000499, 3037000499, &result) == HD_OK && result == 9223372030926249001);
  CHECK(hd_multiply_i64(INT64_MIN, 0, &result) == HD_OK && result == 0);
  CHECK(hd_multiply_i64(1, 1, NULL) == HD_NULL);
  CHECK(hd_multiply_i64(1, 1, MISALIGNED) == HD_MISALIGNED);

  CHECK(hd_factorial_i64(0, &result) == HD_OK && result == 1);
  CHECK(hd_factorial_i64(20, &result) == HD_OK && result == 2432902008176640000);
  CHECK(hd_factorial_i64(21, &result) == HD_OVERFLOW && result == 2432902008176640000);
  CHECK(hd_factorial_i64(INT64_MAX, &result) == HD_OVERFLOW);
  CHECK(hd_factorial_i64(-1, &result) == HD_RANGE);
  CHECK(hd_factorial_i64(INT64_MIN, &result) == HD_RANGE && result == 2432902008176640000);
  CHECK(hd_factorial_i64(1, NULL) == HD_NULL);
  CHECK(hd_factorial_i64(1, MISALIGNED) == HD_MISALIGNED);

  CHECK(hd_binomial_i64(0, 0, &result) == HD_OK && result == 1);
  CHECK(hd_binomial_i64(3, 4, &result) == HD_OK && result == 0);
  CHECK(hd_binomial_i64(66, 33, &result) == HD_OK && result == 7219428434016265740);
  CHECK(hd_binomial_i64(67, 33, &result) == HD_OVERFLOW && result == 7219428434016265740);
  CHECK(hd_binomial_i64(INT64_MAX, INT64_MAX - 1, &result) == HD_OK && result == INT64_MAX);
  CHECK(hd_binomial_i64(INT64_MAX, INT64_MAX / 2, &result) == HD_OVERFLOW);
  CHECK(hd_binomial_i64(-1, 0, &result) == HD_RANGE);
  CHECK(hd_binomial_i64(0, -1, &result) == HD_RANGE);
  CHECK(result == INT64_MAX);
  CHECK(hd_binomial_i64(1, 1, NULL) == HD_NULL);
  CHECK(hd_binomial_i64(1, 1, MISALIGNED) == HD_MISALIGNED);

  const int64_t values[] = {INT64_MAX, INT64_MAX, INT64_MIN, INT64_MIN, 7};
  result = UNWRITTEN;
  CHECK(hd_sum_i64(values, 2, &result) == HD_OVERFLOW && result == UNWRITTEN);
  CHECK(hd_sum_i64(values + 2, 2, &result) == HD_OVERFLOW && result == UNWRITTEN);
  CHECK(hd_sum_i64(values, 5, &result) == HD_OK && result == 5);
  CHECK(hd_sum_i64(NULL, 0, &result) == HD_OK && result == 0);
  CHECK(hd_sum_i64(NULL, 1, &result) == HD_NULL);
  CHECK(hd_sum_i64(values, -1, &result) == HD_RANGE);
  CHECK(hd_sum_i64(values, INT64_MAX, &result) == HD_RANGE);
  CHECK(hd_sum_i64(MISALIGNED, 1, &result) == HD_MISALIGNED);
  CHECK(hd_sum_i64(values, 1, NULL) == HD_NULL);
  CHECK(hd_sum_i64(values, 1, MISALIGNED) == HD_MISALIGNED);
  CHECK(result == 0);
}

static void test_doubles(void) {
  const double values[] = {1, 2, 3, 4};
  double sums[] = {10, 20, 30, 40};
  int32_t status = -1;
  CHECK(hd_dot_f64(values, values, 4, &status) == 30 && status == HD_OK);
  CHECK(hd_dot_f64(values, values, 4, NULL) == 30);
  CHECK(hd_dot_f64(NULL, NULL, 0, &status) == 0 && status == HD_OK);
  CHECK(hd_dot_f64(NULL, values, 1, &status) == 0 && status == HD_NULL);
  CHECK(hd_dot_f64(values, NULL, 1, &status) == 0 && status == HD_NULL);
  CHECK(hd_dot_f64(values, values, -1, &status) == 0 && status == HD_RANGE);
  CHECK(hd_dot_f64(values, values, INT64_MAX / 8 + 1, &status) == 0 && status == HD_RANGE);
  CHECK(hd_dot_f64(values, MISALIGNED, 1, &status) == 0 && status == HD_MISALIGNED);
  CHECK(hd_dot_f64(MISALIGNED, values, 1, NULL) == 0);

  CHECK(hd_axpy_f64(2, values, sums, 4) == HD_OK && sums[0] == 12 && sums[3] == 48);
  CHECK(hd_axpy_f64(1, sums, sums, 4) == HD_OK && sums[0] == 24 && sums[3] == 96);
  CHECK(hd_axpy_f64(1, sums, sums + 1, 3) == HD_OVERLAP && sums[1] == 48);
  CHECK(hd_axpy_f64(1, sums + 1, sums, 3) == HD_OVERLAP && sums[0] == 24);
  CHECK(hd_axpy_f64(1, sums, sums + 2, 2) == HD_OK && sums[2] == 24 + 72);
  CHECK(hd_axpy_f64(1, NULL, sums, 4) == HD_NULL);
  CHECK(hd_axpy_f64(1, values, NULL, 4) == HD_NULL);
  CHECK(hd_axpy_f64(1, values, sums, -4) == HD_RANGE);
  CHECK(hd_axpy_f64(1, values, sums, INT64_MAX) == HD_RANGE);
  CHECK(hd_axpy_f64(1, values, MISALIGNED, 1) == HD_MISALIGNED);
  CHECK(hd_axpy_f64(1, MISALIGNED, sums, 1) == HD_MISALIGNED);
  CHECK(hd_axpy_f64(1, NULL, NULL, 0) == HD_OK);
  const double after[] = {24, 48, 96, 144};
  CHECK(same_doubles(sums, after, 4));
  CHECK(hd_axpy_f64(INFINITY, values, sums, 1) == HD_OK && sums[0] == INFINITY);
}

static void test_statistics(void) {
  struct hd_statistics found;
  double values[5000];
  CHECK(hd_statistics_f64(NULL, 0, &found) == HD_OK && found.count == 0 && found.mean != found.mean &&
        found.min != found.min && found.max != found.max && found.variance != found.variance);
  values[0] = -0.0;
  CHECK(hd_statistics_f64(values, 1, &found) == HD_OK && found.mean == 0 && found.variance != found.variance &&
        bits_of(found.min) == 0 && bits_of(found.max) == 0);
  values[0] = -3;
  values[1] = 5;
  CHECK(hd_statistics_f64(values, 2, &found) == HD_OK && found.count == 2 && found.mean == 1 && found.variance == 32 &&
        found.min == -3 && found.max == 5);
  values[0] = -INFINITY;
  CHECK(hd_statistics_f64(values, 1, &found) == HD_OK && found.mean == -INFINITY && found.min == -INFINITY &&
        found.max == -INFINITY && found.variance != found.variance);
  values[1] = INFINITY;
  CHECK(hd_statistics_f64(values, 2, &found) == HD_OK && found.mean != found.mean && found.min == -INFINITY &&
        found.max == INFINITY && found.variance != found.variance);
  values[0] = NAN;
  CHECK(hd_statistics_f64(values, 1, &found) == HD_OK && found.count == 1 && found.min != found.min);
  for (int i = 0; i < 5000; i++) { /* the sum of squares would have no digits left for the variance */
    values[i] = 1e9 + i % 2;
  }
  CHECK(hd_statistics_f64(values, 5000, &found) == HD_OK && found.count == 5000 && found.mean == 1e9 + 0.5);
  CHECK(fabs(found.variance - 0.25 * 5000 / 4999) < 1e-9 && found.min == 1e9 && found.max == 1e9 + 1);
  values[4999] = NAN;
  CHECK(hd_statistics_f64(values, 5000, &found) == HD_OK && found.min != found.min && found.max != found.max &&
        found.mean != found.mean && found.count == 5000);
  values[4999] = INFINITY;
  CHECK(hd_statistics_f64(values, 5000, &found) == HD_OK && found.max == INFINITY && found.min == 1e9 &&
        found.mean == INFINITY && found.variance != found.variance);
  found.count = UNWRITTEN;
  CHECK(hd_statistics_f64(NULL, 1, &found) == HD_NULL);
  CHECK(hd_statistics_f64(values, -1, &found) == HD_RANGE);
  CHECK(hd_statistics_f64(values, INT64_MAX, &found) == HD_RANGE);
  CHECK(hd_statistics_f64(MISALIGNED, 1, &found) == HD_MISALIGNED);
  CHECK(hd_statistics_f64(values, 1, NULL) == HD_NULL);
  CHECK(hd_statistics_f64(values, 1, MISALIGNED) == HD_MISALIGNED);
  CHECK(found.count == UNWRITTEN);
}

/* ---- long ones */

static int64_t calls;
static int64_t stop_at; /* the number of the call that stops; -1 for none */
static int64_t last_done;
static int64_t last_total;
static atomic_int flag;
static int64_t cancel_at; /* the number of the call that sets the flag */
static bool in_order;

static int32_t heard(int64_t done, int64_t total) {
  in_order &= done >= last_done && done <= total && (calls > 0 || done == 0);
  last_done = done;
  last_total = total;
  calls++;
  if (calls == cancel_at) {
    atomic_store(&flag, 1);
  }
  return calls == stop_at;
}

static void listen(int64_t stop, int64_t cancel) {
  calls = 0;
  stop_at = stop;
  cancel_at = cancel;
  last_done = 0;
  in_order = true;
  atomic_store(&flag, 0);
}

static double left[200 * 300];
static double right[300 * 400];
static double product[200 * 400];
static uint8_t sieve_bits[1000000 / 16 + 2];

static int32_t run_matmul(hd_progress progress) {
  return hd_matmul_f64(left, right, product, 200, 300, 400, progress, (const int32_t *)&flag);
}

static int32_t run_sieve(hd_progress progress) {
  int64_t primes = UNWRITTEN;
  int32_t status = hd_sieve(1000000, sieve_bits, sizeof sieve_bits, &primes, progress, (const int32_t *)&flag);
  CHECK(primes == (status == HD_OK ? 78498 : UNWRITTEN));
  return status;
}

static int32_t run_monte_carlo(hd_progress progress) {
  int64_t inside = UNWRITTEN;
  int32_t status = hd_monte_carlo(1000000, 42, &inside, progress, (const int32_t *)&flag);
  CHECK(status == HD_OK ? inside > 785000 && inside < 786500 : inside == UNWRITTEN);
  return status;
}

static void test_control(int32_t (*run)(hd_progress)) {
  listen(-1, -1);
  CHECK(run(heard) == HD_OK && calls >= 4 && in_order && last_done == last_total);
  int64_t all = calls;
  listen(-1, -1);
  CHECK(run(NULL) == HD_OK && calls == 0);
  const int64_t places[] = {1, 2, all / 2, all};
  for (size_t i = 0; i < COUNT_OF(places); i++) {
    listen(places[i], -1);
    CHECK(run(heard) == HD_STOPPED && calls == places[i] && in_order);
    listen(-1, places[i]);
    int32_t status = run(heard); /* nobody looks at the flag after the last call */
    CHECK(places[i] == all ? status == HD_OK : status == HD_CANCELLED && calls == places[i]);
  }
  listen(-1, -1);
  atomic_store(&flag, 1);
  CHECK(run(NULL) == HD_CANCELLED);
  CHECK(run(heard) == HD_CANCELLED && calls == 0);
  atomic_store(&flag, 0);
}

static void test_long_ones(void) {
  for (int i = 0; i < 200 * 300; i++) {
    left[i] = i % 7 - 3;
  }
  for (int i = 0; i < 300 * 400; i++) {
    right[i] = i % 11 - 5;
  }
  test_control(run_matmul);
  CHECK(run_matmul(NULL) == HD_OK);
  int64_t wrong = 0;
  for (int i = 0; i < 200; i++) {
    for (int j = 0; j < 400; j++) {
      double sum = 0;
      for (int k = 0; k < 300; k++) {
        sum += left[i * 300 + k] * right[k * 400 + j];
      }
      wrong += product[i * 400 + j] != sum;
    }
  }
  CHECK(wrong == 0);
  CHECK(hd_matmul_f64(NULL, NULL, product, 2, 0, 3, NULL, NULL) == HD_OK && product[0] == 0 && product[5] == 0);
  CHECK(hd_matmul_f64(NULL, NULL, NULL, 0, 0, 0, NULL, NULL) == HD_OK);
  CHECK(hd_matmul_f64(left, right, product, -1, 1, 1, NULL, NULL) == HD_RANGE);
  CHECK(hd_matmul_f64(left, right, product, 1, -1, 1, NULL, NULL) == HD_RANGE);
  CHECK(hd_matmul_f64(left, right, product, 1, 1, -1, NULL, NULL) == HD_RANGE);
  CHECK(hd_matmul_f64(left, right, product, INT64_C(1) << 31, 1, 1, NULL, NULL) == HD_RANGE);
  CHECK(hd_matmul_f64(left, right, product, INT32_MAX, INT32_MAX, 1, NULL, NULL) == HD_RANGE);
  CHECK(hd_matmul_f64(NULL, right, product, 1, 1, 1, NULL, NULL) == HD_NULL);
  CHECK(hd_matmul_f64(left, NULL, product, 1, 1, 1, NULL, NULL) == HD_NULL);
  CHECK(hd_matmul_f64(left, right, NULL, 1, 1, 1, NULL, NULL) == HD_NULL);
  CHECK(hd_matmul_f64(MISALIGNED, right, product, 1, 1, 1, NULL, NULL) == HD_MISALIGNED);
  CHECK(hd_matmul_f64(left, MISALIGNED, product, 1, 1, 1, NULL, NULL) == HD_MISALIGNED);
  CHECK(hd_matmul_f64(left, right, MISALIGNED, 1, 1, 1, NULL, NULL) == HD_MISALIGNED);
  CHECK(hd_matmul_f64(product, right, product, 2, 2, 2, NULL, NULL) == HD_OVERLAP);
  CHECK(hd_matmul_f64(left, product + 3, product, 2, 2, 2, NULL, NULL) == HD_OVERLAP);
  CHECK(hd_matmul_f64(product + 8, product, product + 4, 2, 2, 2, NULL, NULL) == HD_OK);
  CHECK(hd_matmul_f64(product + 1, product + 2, product, 2, 0, 2, NULL, NULL) == HD_OK); /* a and b are empty */

  /* Without products, too, it looks up from its work, and soon comes to an end if there are no values. */
  listen(-1, -1);
  CHECK(hd_matmul_f64(NULL, NULL, product, 200, 0, 400, heard, NULL) == HD_OK && calls == 9 && in_order);
  listen(5, -1);
  CHECK(hd_matmul_f64(NULL, NULL, product, 200, 0, 400, heard, NULL) == HD_STOPPED && calls == 5);
  listen(-1, -1);
  CHECK(hd_matmul_f64(left, NULL, NULL, INT32_MAX, 0, 0, heard, NULL) == HD_OK && calls == 1);

  test_control(run_sieve);
  int64_t primes = UNWRITTEN;
  CHECK(hd_sieve(0, sieve_bits, 1, &primes, NULL, NULL) == HD_OK && primes == 0 && sieve_bits[0] == 0);
  CHECK(hd_sieve(2, sieve_bits, 1, &primes, NULL, NULL) == HD_OK && primes == 1);
  sieve_bits[1] = 0x5a;
  CHECK(hd_sieve(15, sieve_bits, 1, &primes, NULL, NULL) == HD_OK && primes == 6 && sieve_bits[1] == 0x5a);
  CHECK(sieve_bits[0] == 0x6e); /* 3, 5, 7, 11, 13 */
  sieve_bits[0] = 0x5a;
  CHECK(hd_sieve(16, sieve_bits, 1, &primes, NULL, NULL) == HD_CAPACITY && sieve_bits[0] == 0x5a);
  CHECK(hd_sieve(-1, sieve_bits, 1, &primes, NULL, NULL) == HD_RANGE);
  CHECK(hd_sieve(HD_SIEVE_MAX + 1, sieve_bits, 1, &primes, NULL, NULL) == HD_RANGE);
  CHECK(hd_sieve(1, sieve_bits, -1, &primes, NULL, NULL) == HD_RANGE);
  CHECK(hd_sieve(1, NULL, 1, &primes, NULL, NULL) == HD_NULL);
  CHECK(hd_sieve(1, sieve_bits, 1, NULL, NULL, NULL) == HD_NULL);
  CHECK(hd_sieve(1, sieve_bits, 1, MISALIGNED, NULL, NULL) == HD_MISALIGNED);
  CHECK(hd_sieve(HD_SIEVE_MAX, sieve_bits, sizeof sieve_bits, &primes, NULL, NULL) == HD_CAPACITY);
  CHECK(sieve_bits[0] == 0x5a && primes == 6);

  test_control(run_monte_carlo);
  int64_t inside = UNWRITTEN;
  CHECK(hd_monte_carlo(0, 1, &inside, NULL, NULL) == HD_OK && inside == 0);
  CHECK(hd_monte_carlo(-1, 1, &inside, NULL, NULL) == HD_RANGE);
  CHECK(hd_monte_carlo(INT64_MIN, 1, &inside, NULL, NULL) == HD_RANGE && inside == 0);
  CHECK(hd_monte_carlo(1, 1, NULL, NULL, NULL) == HD_NULL);
  CHECK(hd_monte_carlo(1, 1, MISALIGNED, NULL, NULL) == HD_MISALIGNED);
}

static int deepest;
static int enough; /* so deep that no more is tried */
static int refused;

/* Calls from the first look, again and again, until there is not enough stack. */
static int32_t nest(int64_t done, int64_t total) {
  (void)total;
  volatile char frame[4096]; /* as that of a JVM */
  frame[0] = 0;
  if (done > 0 || deepest == enough) {
    return frame[0];
  }
  deepest++;
  int64_t inside = UNWRITTEN;
  int32_t status = hd_monte_carlo(1, 1, &inside, nest, NULL);
  refused += status == HD_STACK;
  CHECK((status == HD_OK) == (inside != UNWRITTEN));
  return status == HD_OK || status == HD_STACK ? frame[0] : 1;
}

static void *on_small_stack(void *status) {
  int64_t inside;
  deepest = 0;
  refused = 0;
  *(int32_t *)status = hd_monte_carlo(1, 1, &inside, nest, NULL);
  return NULL;
}

static int32_t status_on_stack_of(size_t bytes) {
  pthread_attr_t attributes;
  pthread_t thread;
  int32_t status = -1;
  CHECK(pthread_attr_init(&attributes) == 0);
  CHECK(pthread_attr_setstacksize(&attributes, bytes) == 0);
  CHECK(pthread_create(&thread, &attributes, on_small_stack, &status) == 0);
  CHECK(pthread_join(thread, NULL) == 0);
  pthread_attr_destroy(&attributes);
  return status;
}

static void test_stack(void) {
  enough = INT32_MAX;
  CHECK(status_on_stack_of(128 * 1024) == HD_STACK && deepest == 0);
  /* The innermost is refused, the others go on. */
  CHECK(status_on_stack_of(320 * 1024) == HD_OK && deepest > 0 && refused == 1);
  CHECK(status_on_stack_of(4 * 1024 * 1024) == HD_OK && deepest > 10 && refused == 1);
  enough = 3; /* and with as many as these, none */
  CHECK(status_on_stack_of(4 * 1024 * 1024) == HD_OK && deepest == 3 && refused == 0);
}

/* ---- texts */

static void check_validate(size_t before, const char *right, const char *mistake, size_t after) {
  size_t place = before + strlen(right);
  size_t end = place + strlen(mistake);
  uint8_t *text = exactly((int64_t)(end + after));
  memset(text, 'x', end + after);
  memcpy(text + before, right, strlen(right));
  memcpy(text + place, mistake, strlen(mistake));
  int64_t offset = UNWRITTEN;
  int32_t status = hd_utf8_validate(text, (int64_t)(end + after), &offset);
  CHECK(status == (*mistake == 0 ? HD_OK : HD_INVALID_UTF8));
  CHECK(offset == (*mistake == 0 ? UNWRITTEN : (int64_t)place));
  free(text);
}

static void test_validate(void) {
  static const char *const mistakes[] = {"\x80",         "\xbf",         "\xc0\xaf",     "\xc1\x80",     "\xc3",
                                         "\xc3(",        "\xe0\x80\x80", "\xe0\x9f\xbf", "\xe2",         "\xe2\x82",
                                         "\xe2\x82(",    "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x80\x80\xaf",
                                         "\xf0\x8f\xbf\xbf", "\xf0\x9f\xa7", "\xf0\x9f\xa7(", "\xf4\x90\x80\x80",
                                         "\xf5\x80\x80\x80", "\xfe",     "\xff"};
  static const char *const right[] = {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
                                      "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"};
  int64_t offset = UNWRITTEN;
  for (size_t before = 0; before < 70; before++) {
    for (size_t i = 0; i < COUNT_OF(right); i++) {
      for (size_t j = 0; j <= COUNT_OF(mistakes); j++) {
        const char *mistake = j == COUNT_OF(mistakes) ? "" : mistakes[j];
        check_validate(before, right[i], mistake, 0);
        check_validate(before, right[i], mistake, 64); /* so that whole blocks have it */
      }
    }
  }
  offset = UNWRITTEN;
  CHECK(hd_utf8_validate(NULL, 0, &offset) == HD_OK);
  CHECK(hd_utf8_validate(NULL, 1, &offset) == HD_NULL);
  CHECK(hd_utf8_validate(bytes_of("a"), -1, &offset) == HD_RANGE);
  CHECK(hd_utf8_validate(bytes_of("a"), 1, NULL) == HD_NULL);
  CHECK(hd_utf8_validate(bytes_of("a"), 1, MISALIGNED) == HD_MISALIGNED);
  CHECK(hd_utf8_validate(bytes_of("a\0b"), 3, &offset) == HD_OK); /* 0 is a character */
  CHECK(offset == UNWRITTEN);
}

typedef int32_t (*change)(const uint8_t *text, int64_t length, uint8_t *changed, int64_t capacity);

static void check_change(change function, const char *text, const char *expected) {
  int64_t length = length_of(text);
  uint8_t *from = copy_of(text, length);
  uint8_t *to = exactly(length);
  CHECK(function(from, length, to, length) == HD_OK && memcmp(to, expected, (size_t)length) == 0);
  free(from);
  free(to);
}

static void check_refusals(change function) {
  uint8_t result[8] = "unchange";
  CHECK(function(bytes_of("abc"), 3, result, 2) == HD_CAPACITY);
  CHECK(function(bytes_of("ab\xff"), 3, result, 8) == HD_INVALID_UTF8);
  CHECK(function(bytes_of("ab\xc3"), 3, result, 8) == HD_INVALID_UTF8);
  CHECK(function(bytes_of("abc"), -1, result, 8) == HD_RANGE);
  CHECK(function(bytes_of("abc"), 3, result, -8) == HD_RANGE);
  CHECK(function(NULL, 3, result, 8) == HD_NULL);
  CHECK(function(bytes_of("abc"), 3, NULL, 8) == HD_NULL);
  CHECK(function(result, 4, result + 3, 4) == HD_OVERLAP);
  CHECK(function(result + 3, 4, result, 4) == HD_OVERLAP);
  CHECK(memcmp(result, "unchange", 8) == 0);
  CHECK(function(NULL, 0, NULL, 0) == HD_OK);
  CHECK(function(bytes_of("abc"), 3, result, 8) == HD_OK && memcmp(result + 3, "hange", 5) == 0);
}

static void test_changes(void) {
  check_change(hd_utf8_reverse, "a\xc3\xa9\xe2\x82\xac\xf0\x9f\xa7\xb5z", "z\xf0\x9f\xa7\xb5\xe2\x82\xac\xc3\xa9" "a");
  check_change(hd_utf8_upper, "@az[`{ \xc3\xa0\xc3\xb6\xc3\xb7\xc3\xb8\xc3\xbe\xc2\xb2",
               "@AZ[`{ \xc3\x80\xc3\x96\xc3\xb7\xc3\x98\xc3\x9e\xc2\xb2");
  check_change(hd_utf8_lower, "@AZ[`{ \xc3\x80\xc3\x96\xc3\x97\xc3\x98\xc3\x9e\xc3\x9f\xc3\xbf\xc2\xb5",
               "@az[`{ \xc3\xa0\xc3\xb6\xc3\x97\xc3\xb8\xc3\xbe\xc3\x9f\xc3\xbf\xc2\xb5");
  check_change(hd_utf8_upper, "the quick brown fox jumps over the lazy dog, twice \xc3\xa9 and more than that",
               "THE QUICK BROWN FOX JUMPS OVER THE LAZY DOG, TWICE \xc3\x89 AND MORE THAN THAT");
  check_refusals(hd_utf8_reverse);
  check_refusals(hd_utf8_upper);
  check_refusals(hd_utf8_lower);
  uint8_t result[8];
  CHECK(hd_utf8_upper(bytes_of("\xc3\x9f"), 2, result, 8) == HD_UNSUPPORTED);
  CHECK(hd_utf8_upper(bytes_of("\xc3\xbf"), 2, result, 8) == HD_UNSUPPORTED);
  CHECK(hd_utf8_upper(bytes_of("\xc2\xb5"), 2, result, 8) == HD_UNSUPPORTED);
  CHECK(hd_utf8_lower(bytes_of("\xc4\xb0"), 2, result, 8) == HD_UNSUPPORTED);
  CHECK(hd_utf8_lower(bytes_of("\xe2\x82\xac"), 3, result, 8) == HD_UNSUPPORTED);
  CHECK(hd_utf8_lower(bytes_of("\xe2\x82\xac\xff"), 4, result, 8) == HD_INVALID_UTF8);
}

enum { CHANGING = 64 };

static uint8_t *changing;
static atomic_bool changed_enough;

/* Makes the last byte the first one of a sequence, and back, as fast as it can. */
static void *change_last_byte(void *unused) {
  static const uint8_t last[] = {'x', 0xf0, 'x', 0xc3};
  for (unsigned i = 0; !atomic_load(&changed_enough); i++) {
    ((volatile uint8_t *)changing)[CHANGING - 1] = last[i % 4];
  }
  return unused;
}

/*
 * A text that somebody changes meanwhile has no right result, but nothing beyond the ends may be read or written: from
 * Java, that is an ordinary mistake. Sanitizers see it.
 */
static void test_text_that_changes(void) {
  pthread_t thread;
  uint8_t *result = exactly(CHANGING);
  int64_t offset;
  changing = exactly(CHANGING);
  memset(changing, 'x', CHANGING);
  CHECK(pthread_create(&thread, NULL, change_last_byte, NULL) == 0);
  for (int i = 0; i < 200000; i++) {
    int32_t status = hd_utf8_reverse(changing, CHANGING, result, CHANGING);
    CHECK(status == HD_OK || status == HD_INVALID_UTF8);
    status = hd_utf8_upper(changing, CHANGING, result, CHANGING);
    CHECK(status == HD_OK || status == HD_INVALID_UTF8);
    status = hd_utf8_lower(changing, CHANGING, result, CHANGING);
    CHECK(status == HD_OK || status == HD_INVALID_UTF8);
    status = hd_utf8_validate(changing, CHANGING, &offset);
    CHECK(status == HD_OK || status == HD_INVALID_UTF8);
  }
  atomic_store(&changed_enough, true);
  CHECK(pthread_join(thread, NULL) == 0);
  free(changing);
  free(result);
}

static void test_counts(void) {
  int32_t status = -1;
  CHECK(hd_utf8_count(bytes_of("a\xc3\xa9\xe2\x82\xac\xf0\x9f\xa7\xb5"), 10, &status) == 4 && status == HD_OK);
  CHECK(hd_utf8_count(NULL, 0, NULL) == 0);
  CHECK(hd_utf8_count(NULL, 1, &status) == 0 && status == HD_NULL);
  CHECK(hd_utf8_count(bytes_of("a"), -1, &status) == 0 && status == HD_RANGE);
  CHECK(hd_count_words(bytes_of(" \t one\vtwo\f\r\nthree "), 18, &status) == 3 && status == HD_OK);
  CHECK(hd_count_words(NULL, 0, NULL) == 0);
  CHECK(hd_count_words(NULL, 1, &status) == 0 && status == HD_NULL);
  CHECK(hd_count_words(bytes_of("a"), INT64_MIN, &status) == 0 && status == HD_RANGE);
  static uint8_t many[100000];
  memset(many, 'a', sizeof many); /* more rows than a byte counts */
  CHECK(hd_utf8_count(many, sizeof many, NULL) == (int64_t)sizeof many);
  for (size_t i = 0; i < sizeof many; i += 2) {
    many[i] = ' ';
  }
  CHECK(hd_count_words(many, sizeof many, NULL) == (int64_t)sizeof many / 2);
}

static void test_find_and_hashes(void) {
  const char *text = "abababac0123456789012345678901234567890123456789needle";
  int32_t status = -1;
  CHECK(hd_find(bytes_of(text), length_of(text), bytes_of("needle"), 6, &status) == 48 && status == HD_OK);
  CHECK(hd_find(bytes_of(text), length_of(text), bytes_of("ac"), 2, NULL) == 6);
  CHECK(hd_find(bytes_of(text), length_of(text), bytes_of("needlf"), 6, &status) == -1 && status == HD_OK);
  CHECK(hd_find(bytes_of(text), length_of(text), NULL, 0, &status) == 0 && status == HD_OK);
  CHECK(hd_find(NULL, 0, NULL, 0, NULL) == 0);
  CHECK(hd_find(bytes_of("a"), 1, bytes_of("ab"), 2, &status) == -1 && status == HD_OK);
  CHECK(hd_find(NULL, 1, bytes_of("a"), 1, &status) == -1 && status == HD_NULL);
  CHECK(hd_find(bytes_of("a"), 1, NULL, 1, &status) == -1 && status == HD_NULL);
  CHECK(hd_find(bytes_of("a"), -1, bytes_of("a"), 1, &status) == -1 && status == HD_RANGE);
  CHECK(hd_find(bytes_of("a"), 1, bytes_of("a"), -1, &status) == -1 && status == HD_RANGE);

  CHECK(hd_fnv1a_64(NULL, 0, &status) == UINT64_C(0xcbf29ce484222325) && status == HD_OK);
  CHECK(hd_fnv1a_64(bytes_of("foobar"), 6, NULL) == UINT64_C(0x85944171f73967e8));
  CHECK(hd_fnv1a_64(NULL, 1, &status) == 0 && status == HD_NULL);
  CHECK(hd_xxh64(NULL, 0, 0, &status) == UINT64_C(0xef46db3751d8e999) && status == HD_OK);
  CHECK(hd_xxh64(bytes_of("a"), 1, 0, NULL) == UINT64_C(0xd24ec4f1a98c6e5b));
  CHECK(hd_xxh64(bytes_of("abc"), 3, 0, NULL) == UINT64_C(0x44bc2cf5ad770999));
  CHECK(hd_xxh64(bytes_of("Nobody inspects the spammish repetition"), 39, 0, NULL) == UINT64_C(0xfbcea83c8a378bf1));
  CHECK(hd_xxh64(NULL, 1, 0, &status) == 0 && status == HD_NULL);
  CHECK(hd_xxh64(bytes_of("a"), -1, 0, &status) == 0 && status == HD_RANGE);
}

/* ---- the library itself */

static void test_library(void) {
  CHECK(hd_abi_version() == HD_ABI_VERSION);
  CHECK(hd_target() == hdi_kernels()->target);
  CHECK(hd_layout_statistics(0) == sizeof(struct hd_statistics));
  CHECK(hd_layout_statistics(1) == 0 && hd_layout_statistics(5) == offsetof(struct hd_statistics, max));
  CHECK(hd_layout_statistics(6) == -1 && hd_layout_statistics(-1) == -1);
}

/* ---- kernels: the same bits from each table, at each place */

#define MOST 2048
#define PLACES 32

static const struct hdi_kernels *const kernels[] = {
    &hdi_kernels_baseline,
#if defined(__x86_64__)
    &hdi_kernels_avx2,
#endif
};

/* How many of them this processor can run. */
static size_t kernel_count(void) { return hdi_kernels() == &hdi_kernels_baseline ? 1 : COUNT_OF(kernels); }

static const int64_t sizes[] = {0,  1,  2,  3,  7,  8,   9,   15,  16,  17,  30,  31,   32,  33,
                                34, 47, 48, 63, 64, 65, 100, 127, 128, 129, 255, 1000, 2047, MOST};

static uint64_t random_state;

/* Of all magnitudes, so that each other order of additions gives other bits. */
static void fill_with_doubles(double *values, int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    values[i] = ldexp((double)(int64_t)next_random(&random_state), (int)(next_random(&random_state) % 40) - 70);
  }
}

/* Doubles are at multiples of 8 only: 0 to 24 beyond a multiple of 32. */
static void test_kernels_of_doubles(void) {
  static double a[MOST];
  static double b[MOST];
  static _Alignas(PLACES) double sums[COUNT_OF(kernels)][MOST + 4]; /* and room for other places */
  random_state = 1;
  fill_with_doubles(a, MOST);
  fill_with_doubles(b, MOST);
  for (size_t s = 0; s < COUNT_OF(sizes); s++) {
    int64_t size = sizes[s];
    double dot = kernels[0]->dot(a, b, size);
    struct hdi_block block = {0, 0, 0, 0, false};
    if (size > 0) {
      kernels[0]->statistics(a, size, &block);
    }
    for (int64_t place = 0; place < 16; place++) {
      double *x_memory = exactly((place % 4 + size) * 8);
      double *y_memory = exactly((place / 4 + size) * 8);
      double *x = x_memory + place % 4;
      double *y = y_memory + place / 4;
      memcpy(x, a, (size_t)size * 8);
      memcpy(y, b, (size_t)size * 8);
      for (size_t i = 0; i < kernel_count(); i++) {
        CHECK(same_double(kernels[i]->dot(x, y, size), dot));
        if (size > 0) {
          struct hdi_block found;
          kernels[i]->statistics(x, size, &found);
          CHECK(same_double(found.mean, block.mean) && same_double(found.deviations, block.deviations));
          CHECK(found.min == block.min && found.max == block.max && !found.has_nan);
        }
        memset(sums[i], 0x5a, sizeof sums[i]);
        memcpy(sums[i] + place / 4, b, (size_t)size * 8);
        kernels[i]->axpy(0.1, x, sums[i] + place / 4, size);
        CHECK(memcmp(sums[i], sums[0], sizeof sums[0]) == 0);
      }
      free(x_memory);
      free(y_memory);
    }
  }
}

static void test_kernel_of_matrices(void) {
  enum { SIDE = 21, VALUES = SIDE * SIDE + 3 }; /* and room for other places */
  static double a[VALUES];
  static double b[VALUES];
  static double c[COUNT_OF(kernels)][VALUES];
  random_state = 2;
  fill_with_doubles(a, VALUES);
  fill_with_doubles(b, VALUES);
  for (int64_t rows = 0; rows <= SIDE; rows++) {
    for (int64_t inner = 0; inner <= SIDE; inner += 3) {
      for (int64_t columns = 0; columns <= SIDE; columns++) {
        int64_t place = (rows + columns) % 4;
        for (size_t i = 0; i < kernel_count(); i++) {
          memset(c[i], 0, sizeof c[i]);
          kernels[i]->matmul(a + place, b + 3 - place, c[i] + place, rows, inner, columns, SIDE, SIDE);
          CHECK(memcmp(c[i], c[0], sizeof c[0]) == 0);
        }
        if (rows > 0 && columns > 0) {
          double last = 0;
          for (int64_t k = 0; k < inner; k++) {
            last += a[place + (rows - 1) * SIDE + k] * b[3 - place + k * SIDE + columns - 1];
          }
          CHECK(same_double(c[0][place + (rows - 1) * SIDE + columns - 1], last));
        }
      }
    }
  }
}

static void test_kernels_of_texts(void) {
  static const char *const pieces[] = {"a", "Z", " ", "\n", "b", "q", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\xa7\xb5"};
  random_state = 3;
  for (size_t s = 0; s < COUNT_OF(sizes); s++) {
    int64_t size = sizes[s];
    for (int64_t place = 0; place < PLACES; place++) {
      uint8_t *memory = exactly(place + size);
      uint8_t *text = memory + place;
      uint64_t of = place % 2 == 0 ? COUNT_OF(pieces) : 6;
      int64_t points = 0;
      int64_t words = 0;
      bool after_space = true;
      memset(text, 'x', (size_t)size);
      for (int64_t i = 0; i < size; points++) {
        const char *piece = pieces[next_random(&random_state) % of];
        int64_t bytes = length_of(piece) <= size - i ? length_of(piece) : 1;
        if (bytes == length_of(piece)) {
          memcpy(text + i, piece, (size_t)bytes);
        }
        bool space = text[i] == ' ' || text[i] == '\n';
        words += after_space && !space;
        after_space = space;
        i += bytes;
      }
      uint8_t *upper = exactly(size);
      for (int64_t i = 0; i < size; i++) {
        upper[i] = text[i] >= 'a' && text[i] <= 'z' ? (uint8_t)(text[i] - 'a' + 'A') : text[i];
      }
      uint8_t *changed = exactly(size);
      for (size_t i = 0; i < kernel_count(); i++) {
        CHECK(kernels[i]->utf8_count(text, size) == points);
        CHECK(kernels[i]->count_words(text, size) == words);
        kernels[i]->change_case(text, size, changed, 'a');
        CHECK(memcmp(changed, upper, (size_t)size) == 0);
        CHECK(kernels[i]->ascii(text, size) == kernels[0]->ascii(text, size));
        int64_t valid = kernels[i]->utf8_valid(text, size);
        CHECK(valid >= kernels[0]->ascii(text, size) - 1 && valid <= size);
        for (int64_t from = 0; from < size; from += 1 + size / 8) {
          int64_t found = kernels[i]->find(text, size, text + from, size - from);
          CHECK(found >= 0 && found <= from && found == kernels[0]->find(text, size, text + from, size - from));
        }
      }
      free(changed);
      free(upper);
      free(memory);
    }
  }
}

int main(void) {
  test_library();
  test_integers();
  test_doubles();
  test_statistics();
  test_long_ones();
  test_stack();
  test_validate();
  test_changes();
  test_text_that_changes();
  test_counts();
  test_find_and_hashes();
  test_kernels_of_doubles();
  test_kernel_of_matrices();
  test_kernels_of_texts();
  printf("unit tests: %d failures\n", failures);
  return failures == 0 ? 0 : 1;
}
