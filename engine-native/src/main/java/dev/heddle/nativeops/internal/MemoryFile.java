// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.nativeops.internal;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.heddle.nativeops.NativeLibraryException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;

/** An anonymous file in memory, which nobody can change once it is sealed. Linux only. */
@SuppressWarnings("restricted") // LibraryLoader has asked whether it is allowed
final class MemoryFile {

  // From linux/memfd.h and linux/fcntl.h.
  private static final int MFD_CLOEXEC = 1;
  private static final int MFD_ALLOW_SEALING = 2;
  private static final int F_ADD_SEALS = 1033;
  private static final int F_SEAL_ALL = 0xf; // SEAL, SHRINK, GROW, WRITE

  private MemoryFile() {}

  /**
   * Loads a library.
   *
   * @param library its bytes, which have been checked
   * @param life how long it stays
   * @return its symbols, empty if this system has no such files, or does not let them be executed
   * @throws NativeLibraryException if somebody has written into the file before it was sealed
   */
  static Optional<SymbolLookup> load(byte[] library, Arena life) {
    Linker linker = Linker.nativeLinker();
    SymbolLookup system = linker.defaultLookup();
    if (system.find("memfd_create").isEmpty()) {
      return Optional.empty();
    }
    MethodHandle create = handle(linker, "memfd_create", JAVA_INT, ADDRESS, JAVA_INT);
    MethodHandle close = handle(linker, "close", JAVA_INT, JAVA_INT);
    try (Arena arena = Arena.ofConfined()) {
      int descriptor =
          (int) create.invokeExact(arena.allocateFrom("heddle"), MFD_CLOEXEC | MFD_ALLOW_SEALING);
      if (descriptor < 0) {
        return Optional.empty();
      }
      try {
        return fill(linker, descriptor, library, life);
      } finally {
        int ignored = (int) close.invokeExact(descriptor); // what is loaded stays
      }
    } catch (IOException e) { // no /proc
      return Optional.empty();
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new LinkageError("functions of the system throw nothing", e);
    }
  }

  private static Optional<SymbolLookup> fill(
      Linker linker, int descriptor, byte[] library, Arena life) throws Throwable {
    String name = "/proc/self/fd/" + descriptor;
    Path file = Path.of(name);
    Files.write(file, library, StandardOpenOption.WRITE);
    MethodHandle control =
        linker.downcallHandle(
            linker.defaultLookup().find("fcntl").orElseThrow(),
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT),
            Linker.Option.firstVariadicArg(2));
    if ((int) control.invokeExact(descriptor, F_ADD_SEALS, F_SEAL_ALL) != 0) {
      return Optional.empty();
    }
    if (!Arrays.equals(library, Files.readAllBytes(file))) { // a process of the same user can
      throw new NativeLibraryException(
          NativeLibraryException.Reason.INTEGRITY,
          "library must be the one that was built: somebody has written into it",
          null);
    }
    try {
      // A name and not a Path, which would be resolved to that of no file.
      return Optional.of(SymbolLookup.libraryLookup(name, life));
    } catch (IllegalArgumentException e) { // not executable here
      return Optional.empty();
    }
  }

  private static MethodHandle handle(
      Linker linker, String function, MemoryLayout result, MemoryLayout... arguments) {
    return linker.downcallHandle(
        linker.defaultLookup().find(function).orElseThrow(),
        FunctionDescriptor.of(result, arguments));
  }
}
