// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BodyKindsTest {

  private static final StackTraceElement FIRST = new StackTraceElement("A", "a", "A.java", 1);
  private static final StackTraceElement SECOND = new StackTraceElement("B", "b", "B.java", 2);

  private final BodyKinds kinds = new BodyKinds();

  @Test
  void numberOf_classes_oneNumberEach() {
    Class<?>[] classes = {String.class, Integer.class, BodyKindsTest.class, int[].class, Set.class};
    Set<Integer> numbers = new HashSet<>();
    for (Class<?> type : classes) {
      int number = kinds.numberOf(type);
      numbers.add(number);
      assertThat(kinds.numberOf(type)).isEqualTo(number);
      assertThat(kinds.kind(number).className()).isEqualTo(type.getName());
      assertThat(kinds.kind(number).site()).isNull();
    }
    assertThat(numbers).hasSize(classes.length).doesNotContain(BodyKinds.OTHER, BodyKinds.BRANCH);
  }

  @Test
  void saw_place_isKeptAndCounted() {
    BodyKinds.Kind kind = kinds.kind(kinds.numberOf(String.class));

    kind.saw(FIRST);
    kind.saw(SECOND);

    assertThat(kind.site()).isEqualTo(SECOND);
    assertThat(kind.looks()).isEqualTo(2);
    assertThat(kinds.kind(kinds.numberOf(Integer.class)).looks()).isZero();
  }

  @Test
  void cache_moreClassesThanItHolds_theirNumbers() {
    BodyKinds.Cache cache = new BodyKinds.Cache(kinds);
    Class<?>[] classes = new Class<?>[300];
    for (int i = 0; i < classes.length; i++) {
      classes[i] = String.class;
      for (int rank = 0; rank < i; rank++) {
        classes[i] = classes[i].arrayType();
        if (rank == 200) {
          break;
        }
      }
    }
    for (int round = 0; round < 3; round++) {
      for (Class<?> type : classes) {
        assertThat(cache.numberOf(type)).isEqualTo(kinds.numberOf(type));
      }
      cache.clear();
    }
  }

  @Test
  void numberOf_classesWithoutEnd_shareOneNumber() throws Exception {
    for (int i = 2; i < 1 << 16; i++) {
      kinds.add("class " + i);
    }
    assertThat(kinds.numberOf(String.class)).isEqualTo(BodyKinds.OTHER);
    assertThat(kinds.numberOf(Proxy.class)).isEqualTo(BodyKinds.OTHER);
    assertThat(kinds.kind(BodyKinds.OTHER).className()).isEqualTo("various");
    kinds.kind(BodyKinds.OTHER).saw(FIRST);
    assertThat(kinds.kind(BodyKinds.OTHER).site()).isNull();
    assertThat(kinds.kind(BodyKinds.OTHER).looks()).isEqualTo(1);
    assertThat(kinds.kind((1 << 16) - 1).className()).isEqualTo("class 65535");
  }
}
