/* Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0 */

/*
 * A call by JNI, as one would write it for memory outside of the heap. The function comes as an address: so it is the very
 * code that the other contestants call, and this file needs nothing but the JDK.
 */
#include <jni.h>
#include <stddef.h>
#include <stdint.h>

typedef int64_t (*counter)(const uint8_t *text, int64_t length, int32_t *status);

static counter count_code_points;

JNIEXPORT void JNICALL Java_dev_heddle_benchmarks_JniStub_use(JNIEnv *env, jclass type, jlong function) {
  (void)env;
  (void)type;
  count_code_points = (counter)(intptr_t)function;
}

JNIEXPORT jlong JNICALL Java_dev_heddle_benchmarks_JniStub_countCodePoints(JNIEnv *env, jclass type, jlong address,
                                                                           jlong length) {
  (void)env;
  (void)type;
  return count_code_points((const uint8_t *)(intptr_t)address, length, NULL);
}
