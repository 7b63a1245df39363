// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.census;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.objectweb.asm.Opcodes;

class PackageCounterTest {

  private static final int DAMAGES = 20_000;
  private static final byte[] WHOLE =
      TestJar.classFile(
          "a/Whole",
          code -> {
            code.visitLdcInsn("text");
            code.visitInsn(Opcodes.POP);
            code.visitMethodInsn(Opcodes.INVOKESTATIC, "java/lang/Thread", "yield", "()V", false);
          });

  /** Either a readable class file is left or it is refused; no other exception gets out. */
  @Test
  void count_twoBytesChanged_countedOrRefused() {
    Random random = new Random(42);
    int refused = 0;
    for (int i = 0; i < DAMAGES; i++) {
      byte[] damaged = WHOLE.clone();
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      if (!isCounted(damaged)) {
        refused++;
      }
    }
    assertThat(refused).isBetween(1, DAMAGES - 1);
  }

  @Test
  void count_cutAnywhere_refused() {
    assertThat(isCounted(WHOLE)).isTrue();
    for (int length = 0; length < WHOLE.length; length++) {
      assertThat(isCounted(Arrays.copyOf(WHOLE, length))).as("first %d bytes", length).isFalse();
    }
  }

  @Test
  void count_fileCannotBeRead_refusedWithTheCause() {
    IOException cause = new IOException("disk is gone");
    ClassFile broken =
        new InMemory(new byte[0]) {
          @Override
          public byte[] read() throws IOException {
            throw cause;
          }
        };
    assertThatThrownBy(() -> count(broken))
        .isInstanceOf(InputException.class)
        .hasCause(cause)
        .hasMessage(
            "class file must be readable: classFile=\"a/A.class\", problem=\"disk is gone\""
                + " (compile it again, or leave it out)");
  }

  @Test
  void count_failsWithoutMessage_refusedWithTheKindOfFailure() {
    ClassFile broken =
        new InMemory(new byte[0]) {
          @Override
          public byte[] read() throws IOException {
            throw new EOFException();
          }
        };
    assertThatThrownBy(() -> count(broken)).hasMessageContaining(", problem=\"EOFException\" (");
  }

  private static boolean isCounted(byte[] bytes) {
    try {
      count(new InMemory(bytes));
      return true;
    } catch (InputException e) {
      assertThat(e).hasMessageStartingWith("class file must be readable: classFile=\"a/A.class\"");
      return false;
    }
  }

  private static Tally count(ClassFile file) throws InputException {
    return new PackageCounter(1).count(new ClassPackage("a", List.of(file)));
  }

  private static class InMemory implements ClassFile {

    private final byte[] bytes;

    InMemory(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public String name() {
      return "a/A.class";
    }

    @Override
    public String location() {
      return name();
    }

    @Override
    public long size() {
      return bytes.length;
    }

    @Override
    public byte[] read() throws IOException {
      return bytes;
    }
  }
}
