// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.nativeops.internal;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.heddle.nativeops.NativeLibraryException;
import dev.heddle.nativeops.NativeLibraryException.Reason;
import dev.heddle.nativeops.NativeOps;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Somebody with the rights of the same user changes one byte of each file in memory that he finds,
 * so that the library would say that it is of another version: it is refused, or he was too late.
 */
class LibrarySwapTest {

  private static final int ROUNDS = Integer.getInteger("heddle.swaps", 500);

  /** The code of {@code return 1;} on x86-64. */
  private static final String RETURN_ONE = "b801000000c3";

  @Test
  @SuppressWarnings("restricted") // calls the library itself
  void load_whileTheFileIsWrittenTo_neverLoadsForeignBytes() throws Throwable {
    assumeTrue(
        NativeOps.get().isNative() && LibraryLoader.platform().equals("linux-x86_64"),
        "knows the code of this platform only");
    byte[] library = LibraryLoaderTest.bundled();
    int place = placeOfVersion(library);

    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger writes = new AtomicInteger();
    Thread attacker = new Thread(() -> attack(place, over, writes));
    attacker.start();
    int foreign = 0;
    int refused = 0;
    for (int i = 0; i < ROUNDS; i++) {
      try (Arena life = Arena.ofShared()) {
        SymbolLookup symbols = MemoryFile.load(library, life).orElseThrow();
        int version =
            (int)
                Linker.nativeLinker()
                    .downcallHandle(
                        symbols.find("hd_abi_version").orElseThrow(),
                        FunctionDescriptor.of(JAVA_INT))
                    .invokeExact();
        foreign += version == Library.ABI_VERSION ? 0 : 1;
      } catch (NativeLibraryException e) {
        assertThat(e.reason()).isEqualTo(Reason.INTEGRITY);
        refused++;
      }
    }
    over.set(true);
    attacker.join();
    System.out.printf(
        "swaps: rounds=%d, written=%d, refused=%d, foreign=%d%n",
        ROUNDS, writes.get(), refused, foreign);
    assertThat(foreign).isZero();
  }

  /** Where the library says which version it is of. */
  static int placeOfVersion(byte[] library) {
    int place = HexFormat.of().formatHex(library).indexOf(RETURN_ONE) / 2 + 1;
    assertThat(library[place]).isEqualTo((byte) 1);
    return place;
  }

  private static void attack(int place, AtomicBoolean over, AtomicInteger writes) {
    while (!over.get()) {
      try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
        descriptors.forEach(each -> overwrite(each, place, writes));
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
  }

  private static void overwrite(Path descriptor, int place, AtomicInteger writes) {
    try {
      if (!Files.readSymbolicLink(descriptor).toString().contains("memfd:heddle")) {
        return;
      }
      try (FileChannel file = FileChannel.open(descriptor, StandardOpenOption.WRITE)) {
        while (file.size() < place) {
          Thread.onSpinWait();
        }
        writes.addAndGet(file.write(ByteBuffer.wrap(new byte[] {2}), place));
      }
    } catch (IOException e) { // gone, or sealed
      Thread.onSpinWait();
    }
  }
}
