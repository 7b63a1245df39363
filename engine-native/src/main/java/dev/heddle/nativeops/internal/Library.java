// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.nativeops.internal;

import static dev.heddle.nativeops.NativeLibraryException.Reason.VERSION;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.heddle.nativeops.NativeLibraryException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;

/**
 * All downcalls into the C library, its constants and its layouts. Loading this class loads the
 * library; if that fails, so does the initialization of this class, with the {@link
 * NativeLibraryException} as its cause.
 *
 * <p>Functions whose name ends with {@code SHORT} are called without leaving the state of a Java
 * thread: the garbage collector has to wait for them, and they may get arrays of the heap. Only for
 * short data, never for what calls back. See {@code include/heddle.h}.
 */
@SuppressWarnings("restricted") // the one place; LibraryLoader asks first whether it is allowed
final class Library {

  static final int ABI_VERSION = 1;

  // What functions return.
  static final int OK = 0;
  static final int OVERFLOW = 1;
  static final int INVALID_UTF8 = 6;
  static final int UNSUPPORTED = 8;
  static final int STOPPED = 9;
  static final int CANCELLED = 10;
  static final int STACK = 11;

  private static final List<String> TARGETS = List.of("baseline", "avx2");

  private static final StructLayout STATISTICS =
      MemoryLayout.structLayout(
          JAVA_LONG.withName("count"),
          JAVA_DOUBLE.withName("mean"),
          JAVA_DOUBLE.withName("variance"),
          JAVA_DOUBLE.withName("min"),
          JAVA_DOUBLE.withName("max"));
  static final long STATISTICS_COUNT = offset("count");
  static final long STATISTICS_MEAN = offset("mean");
  static final long STATISTICS_VARIANCE = offset("variance");
  static final long STATISTICS_MIN = offset("min");
  static final long STATISTICS_MAX = offset("max");

  // The most bytes for which functions are called without leaving the state of a Java thread: the
  // garbage collector waits a tenth of a millisecond for them at most.
  private static final long SHORT_NUMBER_BYTES = 1024 * 1024;
  private static final long SHORT_TEXT_BYTES = 128 * 1024;
  private static final long SHORT_NEEDLE_BYTES = 64; // which may be compared at each place

  /** The most that a function writes as its result. */
  static final long RESULT_BYTES = STATISTICS.byteSize();

  private static final FunctionDescriptor PROGRESS =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG);

  private static final SymbolLookup SYMBOLS = LibraryLoader.load();
  private static final Linker LINKER = Linker.nativeLinker();

  /** The vector instructions that are used, and the check that this is the right library. */
  static final String TARGET = check();

  // ---- numbers; null as the last argument of what returns a number: nobody asks for its status

  static final MethodHandle SUM_SHORT =
      shortOf("hd_sum_i64", JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS);
  static final MethodHandle SUM = of("hd_sum_i64", JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS);
  static final MethodHandle DOT_SHORT =
      shortOf("hd_dot_f64", JAVA_DOUBLE, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS);
  static final MethodHandle DOT =
      of("hd_dot_f64", JAVA_DOUBLE, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS);
  static final MethodHandle AXPY_SHORT =
      shortOf("hd_axpy_f64", JAVA_INT, JAVA_DOUBLE, ADDRESS, ADDRESS, JAVA_LONG);
  static final MethodHandle AXPY =
      of("hd_axpy_f64", JAVA_INT, JAVA_DOUBLE, ADDRESS, ADDRESS, JAVA_LONG);
  static final MethodHandle STATISTICS_SHORT =
      shortOf("hd_statistics_f64", JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS);
  static final MethodHandle STATISTICS_OF =
      of("hd_statistics_f64", JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS);
  static final MethodHandle MATMUL =
      of(
          "hd_matmul_f64",
          JAVA_INT,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          ADDRESS,
          ADDRESS);
  static final MethodHandle SIEVE =
      of("hd_sieve", JAVA_INT, JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS, ADDRESS);
  static final MethodHandle MONTE_CARLO =
      of("hd_monte_carlo", JAVA_INT, JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS, ADDRESS);

  // ---- texts

  static final MethodHandle VALIDATE_SHORT =
      shortOf("hd_utf8_validate", JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS);
  static final MethodHandle VALIDATE =
      of("hd_utf8_validate", JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS);
  static final MethodHandle COUNT_SHORT =
      shortOf("hd_utf8_count", JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS);
  static final MethodHandle COUNT = of("hd_utf8_count", JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS);
  static final MethodHandle REVERSE_SHORT =
      shortOf("hd_utf8_reverse", JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG);
  static final MethodHandle REVERSE =
      of("hd_utf8_reverse", JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG);
  static final MethodHandle UPPER_SHORT =
      shortOf("hd_utf8_upper", JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG);
  static final MethodHandle UPPER =
      of("hd_utf8_upper", JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG);
  static final MethodHandle LOWER_SHORT =
      shortOf("hd_utf8_lower", JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG);
  static final MethodHandle LOWER =
      of("hd_utf8_lower", JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG);
  static final MethodHandle WORDS_SHORT =
      shortOf("hd_count_words", JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS);
  static final MethodHandle WORDS = of("hd_count_words", JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS);
  static final MethodHandle FIND_SHORT =
      shortOf("hd_find", JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS);
  static final MethodHandle FIND =
      of("hd_find", JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS);
  static final MethodHandle XXH64_SHORT =
      shortOf("hd_xxh64", JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG, ADDRESS);
  static final MethodHandle XXH64 =
      of("hd_xxh64", JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG, ADDRESS);

  private Library() {}

  private static long offset(String field) {
    return STATISTICS.byteOffset(PathElement.groupElement(field));
  }

  /** A function that may take long. */
  private static MethodHandle of(String function, ValueLayout result, ValueLayout... arguments) {
    return LINKER.downcallHandle(symbol(function), FunctionDescriptor.of(result, arguments));
  }

  /** The same for short data, which may be in the heap. */
  private static MethodHandle shortOf(
      String function, ValueLayout result, ValueLayout... arguments) {
    return LINKER.downcallHandle(
        symbol(function), FunctionDescriptor.of(result, arguments), Linker.Option.critical(true));
  }

  private static MemorySegment symbol(String function) {
    return SYMBOLS
        .find(function)
        .orElseThrow(() -> wrongVersion("function=" + function + ", found=false"));
  }

  /**
   * Makes something that C can call, for as long as the JVM lives.
   *
   * @param handle takes two {@code long}s, returns an {@code int}, and must not throw
   */
  static MemorySegment callback(MethodHandle handle) {
    return LINKER.upcallStub(handle, PROGRESS, Arena.global());
  }

  /** Tells whether so many numbers, which may be in the heap, take C a short time. */
  static boolean isShortNumbers(long count) {
    return count <= SHORT_NUMBER_BYTES / Long.BYTES;
  }

  /** Tells whether so many bytes of a text, which may be in the heap, take C a short time. */
  static boolean isShortText(long bytes) {
    return bytes <= SHORT_TEXT_BYTES;
  }

  /** Tells whether a search takes C a short time, even if it nearly succeeds at each place. */
  static boolean isShortSearch(long textBytes, long needleBytes) {
    return isShortText(textBytes) && needleBytes <= SHORT_NEEDLE_BYTES;
  }

  private static String check() {
    try {
      compare("abiVersion", ABI_VERSION, (int) of("hd_abi_version", JAVA_INT).invokeExact());
      MethodHandle layout = of("hd_layout_statistics", JAVA_INT, JAVA_INT);
      compare("sizeof(hd_statistics)", STATISTICS.byteSize(), (int) layout.invokeExact(0));
      for (int i = 0; i < STATISTICS.memberLayouts().size(); i++) {
        String field = STATISTICS.memberLayouts().get(i).name().orElseThrow();
        compare(
            "offsetof(hd_statistics, " + field + ")",
            offset(field),
            (int) layout.invokeExact(i + 1));
      }
      int target = (int) of("hd_target", JAVA_INT).invokeExact();
      return target >= 0 && target < TARGETS.size() ? TARGETS.get(target) : "target " + target;
    } catch (Throwable e) {
      throw thrown(e);
    }
  }

  private static void compare(String what, long ours, long theirs) {
    if (ours != theirs) {
      throw wrongVersion(what + "=" + theirs + ", expected=" + ours);
    }
  }

  private static NativeLibraryException wrongVersion(String what) {
    return new NativeLibraryException(
        VERSION,
        "library must be of this version of Heddle: "
            + what
            + " (use the library that belongs to this jar)",
        null);
  }

  /** What becomes of something that a downcall has thrown: refused by the JDK before the call. */
  static RuntimeException thrown(Throwable thrown) {
    return switch (thrown) {
      case WrongThreadException e -> Arguments.unusable(e);
      case IllegalStateException e -> Arguments.unusable(e);
      case RuntimeException e -> e;
      case Error e -> throw e;
      default -> new IllegalStateException("downcalls do not throw checked exceptions", thrown);
    };
  }

  /** What becomes of a status that the checks in Java should have made impossible. */
  static IllegalStateException unexpected(String function, int status) {
    return new IllegalStateException(
        "call has failed: function=" + function + ", status=" + status + " (report it as a bug)");
  }
}
