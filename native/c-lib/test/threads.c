/* Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0 */

/* Long functions in several threads at once, some of which are cancelled by another one: for a sanitizer of threads. */
#include "check.h"
#include "heddle.h"

#include <pthread.h>
#include <stdatomic.h>

#define SIDE 96
#define LIMIT 300000

static double left[SIDE * SIDE];
static double right[SIDE * SIDE];
static atomic_int cancelled;
static atomic_int endless_started;

static int32_t started(int64_t done, int64_t total) {
  atomic_fetch_add(&endless_started, done == 0);
  return done > total;
}

/* How many results are wrong. */
static void *run_all(void *wrong) {
  double *product = exactly(SIDE * SIDE * 8);
  uint8_t *bits = exactly(LIMIT / 16 + 1);
  for (int i = 0; i < 5; i++) {
    int64_t primes = 0;
    int64_t inside = 0;
    bool right_product = hd_matmul_f64(left, right, product, SIDE, SIDE, SIDE, NULL, NULL) == HD_OK;
    right_product = right_product && product[0] == 2 * SIDE && product[SIDE * SIDE - 1] == 2 * SIDE;
    bool right_primes = hd_sieve(LIMIT, bits, LIMIT / 16 + 1, &primes, NULL, NULL) == HD_OK && primes == 25997;
    bool right_points = hd_monte_carlo(200000, 42, &inside, NULL, NULL) == HD_OK;
    right_points = right_points && inside > 156000 && inside < 158000;
    *(int *)wrong += !right_product + !right_primes + !right_points;
  }
  free(product);
  free(bits);
  return NULL;
}

static void *run_endless(void *status) {
  int64_t inside = 0;
  *(int32_t *)status = hd_monte_carlo(INT64_MAX, 1, &inside, started, (const int32_t *)&cancelled);
  return NULL;
}

int main(void) {
  enum { ENDLESS = 2, OTHERS = 4 };
  pthread_t threads[ENDLESS + OTHERS];
  int32_t statuses[ENDLESS] = {-1, -1};
  int wrong[OTHERS] = {0};
  for (int i = 0; i < SIDE * SIDE; i++) {
    left[i] = 1;
    right[i] = 2;
  }
  for (int i = 0; i < ENDLESS; i++) {
    CHECK(pthread_create(&threads[i], NULL, run_endless, &statuses[i]) == 0);
  }
  for (int i = 0; i < OTHERS; i++) {
    CHECK(pthread_create(&threads[ENDLESS + i], NULL, run_all, &wrong[i]) == 0);
  }
  for (int i = 0; i < OTHERS; i++) {
    CHECK(pthread_join(threads[ENDLESS + i], NULL) == 0);
    CHECK(wrong[i] == 0);
  }
  while (atomic_load(&endless_started) < ENDLESS) {
  }
  atomic_store(&cancelled, 1);
  for (int i = 0; i < ENDLESS; i++) {
    CHECK(pthread_join(threads[i], NULL) == 0);
    CHECK(statuses[i] == HD_CANCELLED);
  }
  printf("threads: %d failures\n", failures);
  return failures == 0 ? 0 : 1;
}
