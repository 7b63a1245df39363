// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.nativeops;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs a test on the operations in Java and, where there is a library, on those in C. */
@ParameterizedTest
@MethodSource("dev.heddle.nativeops.BothProviders$Source#providers")
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@interface BothProviders {

  /** Where they come from. */
  final class Source {

    private Source() {}

    /** 64 bytes that must not be used any more. */
    static MemorySegment closed() {
      try (Arena arena = Arena.ofConfined()) {
        return arena.allocate(64, 8);
      }
    }

    static Stream<NativeOps> providers() {
      return Stream.of(NativeOps.java(), NativeOps.get()).distinct();
    }
  }
}
