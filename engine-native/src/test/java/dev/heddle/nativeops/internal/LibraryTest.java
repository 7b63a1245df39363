// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.nativeops.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.invoke.MethodHandle;
import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class LibraryTest {

  /** The garbage collector waits for these: none may be long, and none may call back. */
  private static final Set<String> SHORT =
      Set.of(
          "SUM",
          "DOT",
          "AXPY",
          "STATISTICS",
          "VALIDATE",
          "COUNT",
          "REVERSE",
          "UPPER",
          "LOWER",
          "WORDS",
          "FIND",
          "XXH64");

  @Test
  void criticalCalls_areThoseOfTheList() {
    assertThat(
            Arrays.stream(Library.class.getDeclaredFields())
                .filter(field -> field.getType() == MethodHandle.class)
                .map(Field::getName)
                .filter(name -> name.endsWith("_SHORT"))
                .map(name -> name.replace("_SHORT", ""))
                .collect(Collectors.toSet()))
        .isEqualTo(SHORT);
  }
}
