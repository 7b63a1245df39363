// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.census;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.objectweb.asm.Opcodes;

class TallyTest {

  private static final MethodRef A = new MethodRef("p/A", "run", "()V");
  private static final MethodRef B = new MethodRef("p/B", "run", "()V");

  private static Tally tally(Consumer<Tally> counting) {
    Tally tally = new Tally(2);
    counting.accept(tally);
    return tally;
  }

  @Test
  void addAll_twoTallies_sumsOfEverything() {
    Consumer<Tally> counting =
        tally -> {
          tally.classFile(100, 0x8000_0000_0000_0001L);
          tally.moduleDescriptor();
          tally.method(A, 3);
          tally.instruction(Opcodes.NOP);
          tally.call(B);
        };
    Tally sum = tally(counting);
    sum.addAll(tally(counting));
    assertThat(sum.totals()).isEqualTo(new Totals(2, 2, 200, 2, 2, 2, 1, "0000000000000002"));
    assertThat(sum.mostCalledMethods(9)).containsExactly(new MethodCount(B, 2));
  }

  @Test
  void method_withoutInstructions_countedButNotRanked() {
    Tally tally = tally(counting -> counting.method(A, 0));
    assertThat(tally.totals().methods()).isEqualTo(1);
    assertThat(tally.longestMethods()).isEmpty();
  }

  @Test
  void longestMethods_moreThanKept_longestFirstAndTiesByName() {
    MethodRef c = new MethodRef("p/C", "run", "()V");
    Tally tally =
        tally(
            counting -> {
              counting.method(c, 5);
              counting.method(B, 5);
              counting.method(A, 4);
            });
    assertThat(tally.longestMethods())
        .containsExactly(new MethodCount(B, 5), new MethodCount(c, 5));
  }

  @Test
  void differenceFrom_equalTallies_none() {
    Consumer<Tally> counting = tally -> tally.call(A);
    assertThat(tally(counting).differenceFrom(tally(counting))).isEmpty();
  }

  @Test
  void differenceFrom_otherOpcode_namesIt() {
    assertThat(tally(t -> t.instruction(Opcodes.NOP)).differenceFrom(tally(t -> {})))
        .contains("nop: 1 and 0");
  }

  @Test
  void differenceFrom_sameNumberOfOtherCalls_namesTheFirst() {
    assertThat(tally(t -> t.call(B)).differenceFrom(tally(t -> t.call(A))))
        .contains("calls of p/A.run()V: 0 and 1");
  }

  @Test
  void differenceFrom_otherSize_namesTotals() {
    assertThat(tally(t -> t.classFile(1, 7)).differenceFrom(tally(t -> t.classFile(2, 7))))
        .hasValueSatisfying(
            text -> assertThat(text).startsWith("totals: ").contains("bytes=1", "bytes=2"));
  }

  @Test
  void differenceFrom_otherContent_namesTotals() {
    assertThat(tally(t -> t.classFile(1, 7)).differenceFrom(tally(t -> t.classFile(1, 8))))
        .hasValueSatisfying(
            text -> assertThat(text).contains("Hash=0000000000000007", "Hash=0000000000000008"));
  }

  @Test
  void differenceFrom_otherLongestMethod_namesThem() {
    assertThat(tally(t -> t.method(A, 1)).differenceFrom(tally(t -> t.method(B, 1))))
        .hasValueSatisfying(
            text -> assertThat(text).startsWith("longest methods: ").contains("p/A", "p/B"));
  }
}
