// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/**
 * Operations on numbers and texts, by a C library where that may be used and in Java otherwise.
 *
 * <p>Start with {@link dev.heddle.nativeops.NativeOps}. The library is used if native access is
 * enabled for this module: {@code --enable-native-access=dev.heddle.nativeops}.
 */
@org.jspecify.annotations.NullMarked
module dev.heddle.nativeops {
  requires transitive dev.heddle;
  requires static org.jspecify;

  exports dev.heddle.nativeops;
}
