// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.benchmarks;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.heddle.TaskContext;
import dev.heddle.TaskEngine;
import dev.heddle.memory.OwnedSegment;
import dev.heddle.nativeops.MathOps;
import dev.heddle.nativeops.NativeBody;
import dev.heddle.nativeops.NativeControl;
import dev.heddle.nativeops.NativeOps;
import dev.heddle.nativeops.NativeTask;
import dev.heddle.nativeops.StringOps;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What does it cost to call C, to run a native task, and to be called back?
 *
 * <p><b>Method.</b> Three groups.
 *
 * <ul>
 *   <li>A call that counts the code points of 16 bytes: {@code baseline} is a handle of the
 *       function, called as a critical one, {@code heddle} the operation, {@code jni} the same
 *       function called by JNI, with an address that nobody checks, {@code java} the provider in
 *       Java. A segment of a shared arena is held open by two atomic updates during a call, one of
 *       a confined arena by two plain ones.
 *   <li>A native task of 64 bytes, run in one task of an engine: {@code nativeTask} against {@code
 *       raw}, the same memory and the same call without it.
 *   <li>A long operation that has nothing to do and calls back twice, at the start and at the end:
 *       half of {@code listened} less {@code unheard} is the price of a callback; half of {@code
 *       bareUpcall} less {@code bareDowncall} is the JDK's share of it.
 * </ul>
 *
 * <p><b>Asserted.</b> The count, before the measurement; the sum of the counts of all tasks; how
 * often was called back, at the end.
 *
 * <p><b>Traps avoided.</b> A handle that is not {@code static final} is not compiled into the call,
 * and costs ten times as much. The contestants are methods and not a parameter: the choice would
 * cost as much as the call.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 2, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class NativeCallBenchmark {

  /** How many native tasks an invocation runs. */
  static final int TASKS = 10_000;

  private static final int PAYLOAD = 64;
  private static final long SEED = 42;
  private static final NativeBody<Long> BODY =
      (payload, _) -> NativeOps.get().strings().countCodePoints(payload);

  /** Handles of the functions themselves. */
  @SuppressWarnings("restricted") // native access is granted by the options of the fork
  private static final class Raw {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup SYMBOLS = NativeLibraryFile.load();
    static final MemorySegment COUNT_FUNCTION = SYMBOLS.find("hd_utf8_count").orElseThrow();
    static final MethodHandle COUNT =
        LINKER.downcallHandle(
            COUNT_FUNCTION,
            FunctionDescriptor.of(JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS),
            Linker.Option.critical(true));
    static final MethodHandle MONTE_CARLO =
        LINKER.downcallHandle(
            SYMBOLS.find("hd_monte_carlo").orElseThrow(),
            FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS, ADDRESS));
    static final MemorySegment INSIDE = Arena.global().allocate(JAVA_LONG);
    static final MemorySegment UPCALL = upcall();

    /** How often C has called back. */
    static long called;

    private Raw() {}

    private static MemorySegment upcall() {
      try {
        return LINKER.upcallStub(
            MethodHandles.lookup()
                .findStatic(
                    Raw.class,
                    "progress",
                    MethodType.methodType(int.class, long.class, long.class)),
            FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG),
            Arena.global());
      } catch (ReflectiveOperationException e) {
        throw new LinkageError("a method of this class must be found", e);
      }
    }

    @SuppressWarnings("unused") // called by C
    private static int progress(long done, long total) {
      called++;
      return 0;
    }

    static long count(MemorySegment text) {
      try {
        return (long) COUNT.invokeExact(text, text.byteSize(), MemorySegment.NULL);
      } catch (Throwable e) {
        throw new IllegalStateException("hd_utf8_count throws nothing", e);
      }
    }

    static long monteCarlo(MemorySegment progress) {
      try {
        int status = (int) MONTE_CARLO.invokeExact(1L, SEED, INSIDE, progress, MemorySegment.NULL);
        if (status != 0) {
          throw new IllegalStateException("call must succeed: status=" + status);
        }
        return INSIDE.get(JAVA_LONG, 0);
      } catch (Throwable e) {
        throw new IllegalStateException("hd_monte_carlo throws nothing", e);
      }
    }
  }

  /** What the code points are counted of. */
  @State(Scope.Thread)
  public static class Text {

    private static final byte[] BYTES =
        "Gr\u00fc\u00dfe: 4 \u20ac!?".getBytes(StandardCharsets.UTF_8);
    private static final int CODE_POINTS = 12;

    @Param({"confined", "shared"})
    public String arena = "";

    private Arena owner = Arena.global();
    MemorySegment segment = MemorySegment.NULL;

    /** Allocates the text. */
    @Setup
    @SuppressWarnings("MustBeClosedChecker") // closed by tearDown()
    public void setUp() {
      owner =
          switch (arena) {
            case "confined" -> Arena.ofConfined();
            case "shared" -> Arena.ofShared();
            default -> throw new IllegalArgumentException("no such arena: arena=" + arena);
          };
      segment = owner.allocate(BYTES.length).copyFrom(MemorySegment.ofArray(BYTES));
      check("baseline", Raw.count(segment));
      check("heddle", NativeLibraryFile.requireNative().strings().countCodePoints(segment));
      check("java", NativeOps.java().strings().countCodePoints(segment));
    }

    /** Frees it. */
    @TearDown
    public void tearDown() {
      owner.close();
    }

    static void check(String rival, long codePoints) {
      if (codePoints != CODE_POINTS) {
        throw new IllegalStateException(
            "code points must be counted: rival=" + rival + ", actual=" + codePoints);
      }
    }
  }

  /** The same function, by JNI. */
  @State(Scope.Thread)
  public static class Jni {

    long address;
    long length;

    /** Compiles the stub. */
    @Setup
    public void setUp() throws IOException, InterruptedException {
      JniStub.load(Raw.COUNT_FUNCTION);
      MemorySegment text =
          Arena.global().allocate(Text.BYTES.length).copyFrom(MemorySegment.ofArray(Text.BYTES));
      address = text.address();
      length = text.byteSize();
      Text.check("jni", JniStub.countCodePoints(address, length));
    }
  }

  /** An engine of one worker. */
  @State(Scope.Benchmark)
  public static class Engine {

    private TaskEngine engine = TaskEngine.create();

    /** Starts the engine. */
    @Setup
    public void setUp() {
      NativeLibraryFile.requireNative();
      engine.close();
      engine = TaskEngine.builder().workers(1).build();
    }

    /** Stops it. */
    @TearDown
    public void tearDown() {
      engine.close();
    }
  }

  /** A listener that counts what it hears. */
  @State(Scope.Thread)
  public static class Listener {

    private long calls;
    private long heard;
    final MathOps math = NativeLibraryFile.requireNative().math();
    final NativeControl control = NativeControl.of((_, _) -> heard++);

    /** Checks that each call is heard of twice. */
    @TearDown
    public void tearDown() {
      if (heard + Raw.called != 2 * calls) {
        throw new IllegalStateException(
            "each call must call back twice: calls="
                + calls
                + ", heard="
                + heard
                + ", called="
                + Raw.called);
      }
      heard = 0;
      calls = 0;
      Raw.called = 0;
    }
  }

  private final StringOps strings = NativeOps.get().strings();
  private final StringOps javaStrings = NativeOps.java().strings();

  /** The handle. */
  @Benchmark
  public long baseline(Text text) {
    return Raw.count(text.segment);
  }

  /** The operation. */
  @Benchmark
  public long heddle(Text text) {
    return strings.countCodePoints(text.segment);
  }

  /** The same in Java. */
  @Benchmark
  public long java(Text text) {
    return javaStrings.countCodePoints(text.segment);
  }

  /** JNI. */
  @Benchmark
  public long jni(Jni jni) {
    return JniStub.countCodePoints(jni.address, jni.length);
  }

  /** Native tasks, each with memory of its own. */
  @Benchmark
  @OperationsPerInvocation(TASKS)
  public long nativeTask(Engine state) {
    return checked(state.engine.submit(NativeCallBenchmark::nativeTasks).join());
  }

  /** The same memory and the same calls. */
  @Benchmark
  @OperationsPerInvocation(TASKS)
  public long raw(Engine state) {
    return checked(state.engine.submit(NativeCallBenchmark::rawCalls).join());
  }

  private static long nativeTasks(TaskContext context) throws Exception {
    TaskEngine engine = context.engine();
    long sum = 0;
    for (int i = 0; i < TASKS; i++) {
      sum += NativeTask.of(engine.allocate(PAYLOAD), BODY).run(context);
    }
    return sum;
  }

  private static long rawCalls(TaskContext context) {
    TaskEngine engine = context.engine();
    long sum = 0;
    for (int i = 0; i < TASKS; i++) {
      try (OwnedSegment payload = engine.allocate(PAYLOAD)) {
        sum += Raw.count(payload.segment());
      }
    }
    return sum;
  }

  /** Zeroed memory is a text of so many characters. */
  private static long checked(long sum) {
    if (sum != (long) TASKS * PAYLOAD) {
      throw new IllegalStateException("each task must count its payload: actual=" + sum);
    }
    return sum;
  }

  /** A long operation without a listener. */
  @Benchmark
  public long unheard(Listener listener) {
    return listener.math.monteCarlo(1, SEED, NativeControl.none());
  }

  /** The same with a listener, which is called twice. */
  @Benchmark
  public long listened(Listener listener) {
    listener.calls++;
    return listener.math.monteCarlo(1, SEED, listener.control);
  }

  /** The handle, with a callback of the JDK's. */
  @Benchmark
  public long bareUpcall(Listener listener) {
    listener.calls++;
    return Raw.monteCarlo(Raw.UPCALL);
  }

  /** The handle, without a callback. */
  @Benchmark
  public long bareDowncall() {
    return Raw.monteCarlo(MemorySegment.NULL);
  }
}
