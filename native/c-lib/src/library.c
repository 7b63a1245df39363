/* Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0 */

/* What belongs to no operation: the choice of kernels, checks, callbacks. */
#if defined(__linux__)
#define _GNU_SOURCE
#endif

#include "internal.h"

#include <pthread.h>
#include <stdatomic.h>

#if defined(_WIN32)
#include <windows.h>
#endif

/*
 * The least stack that a callback is given. A JVM needs some 160 KiB for its guard pages and for the pages that it
 * touches in advance; with less, a StackOverflowError could be thrown where no callback can catch it, which ends the
 * process.
 */
#define LEAST_STACK ((uintptr_t)256 * 1024)

static const struct hdi_kernels *chosen = &hdi_kernels_baseline;

/* Runs once, when the library is loaded and before anything else can be called. */
__attribute__((constructor)) static void choose(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2")) {
    chosen = &hdi_kernels_avx2;
  }
#endif
}

const struct hdi_kernels *hdi_kernels(void) { return chosen; }

int32_t hd_abi_version(void) { return HD_ABI_VERSION; }

int32_t hd_target(void) { return chosen->target; }

int32_t hd_layout_statistics(int32_t field) {
  static const int32_t layout[] = {
      (int32_t)sizeof(struct hd_statistics),
      (int32_t)offsetof(struct hd_statistics, count),
      (int32_t)offsetof(struct hd_statistics, mean),
      (int32_t)offsetof(struct hd_statistics, variance),
      (int32_t)offsetof(struct hd_statistics, min),
      (int32_t)offsetof(struct hd_statistics, max),
  };
  return field >= 0 && field < (int32_t)(sizeof layout / sizeof layout[0]) ? layout[field] : -1;
}

int32_t hdi_check_numbers(const void *numbers, int64_t count) {
  if (count < 0 || count > INT64_MAX / 8) {
    return HD_RANGE;
  }
  if (numbers == NULL && count > 0) {
    return HD_NULL;
  }
  return (uintptr_t)numbers % 8 == 0 ? HD_OK : HD_MISALIGNED;
}

int32_t hdi_check_bytes(const void *bytes, int64_t length) {
  if (length < 0) {
    return HD_RANGE;
  }
  return bytes == NULL && length > 0 ? HD_NULL : HD_OK;
}

bool hdi_is_ok(int32_t found, int32_t *status) {
  if (status != NULL) {
    *status = found;
  }
  return found == HD_OK;
}

bool hdi_overlap(const void *a, int64_t a_bytes, const void *b, int64_t b_bytes) {
  if (a_bytes == 0 || b_bytes == 0) { /* nothing overlaps with nothing, wherever that is */
    return false;
  }
  uintptr_t first = (uintptr_t)a;
  uintptr_t second = (uintptr_t)b;
  return first < second + (uintptr_t)b_bytes && second < first + (uintptr_t)a_bytes;
}

/* The lowest address of the calling thread's stack; 0 if the system does not tell. */
static uintptr_t stack_end(void) {
#if defined(__linux__)
  pthread_attr_t attributes;
  void *lowest = NULL;
  size_t size = 0;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) {
    return 0;
  }
  if (pthread_attr_getstack(&attributes, &lowest, &size) != 0) {
    lowest = NULL;
  }
  pthread_attr_destroy(&attributes);
  return (uintptr_t)lowest;
#elif defined(__APPLE__)
  return (uintptr_t)pthread_get_stackaddr_np(pthread_self()) - pthread_get_stacksize_np(pthread_self());
#elif defined(_WIN32)
  ULONG_PTR lowest = 0;
  ULONG_PTR highest = 0;
  GetCurrentThreadStackLimits(&lowest, &highest);
  return (uintptr_t)lowest;
#else
  return 0;
#endif
}

/* Asking the system takes a microsecond: once a thread. */
static bool has_stack(void) {
  static _Thread_local uintptr_t end = 0;
  if (end == 0) {
    end = stack_end();
  }
  uintptr_t address = (uintptr_t)__builtin_frame_address(0); /* a sanitizer may keep variables elsewhere */
  return address < end || address - end >= LEAST_STACK; /* not in it: on a stack that somebody has made */
}

int32_t hdi_look(int64_t done, int64_t total, hd_progress progress, const int32_t *cancelled) {
  if (cancelled != NULL && atomic_load_explicit((const _Atomic int32_t *)cancelled, memory_order_relaxed) != 0) {
    return HD_CANCELLED;
  }
  if (progress == NULL) {
    return HD_OK;
  }
  if (!has_stack()) {
    return HD_STACK;
  }
  return progress(done, total) == 0 ? HD_OK : HD_STOPPED;
}
