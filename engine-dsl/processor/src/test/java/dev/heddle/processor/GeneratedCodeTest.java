// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.processor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.testing.compile.Compilation;
import dev.heddle.EngineConfig;
import dev.heddle.MemorySize;
import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.error.ConfigurationException;
import dev.heddle.error.TaskFailedException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import javax.tools.JavaFileObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written does what it says. */
class GeneratedCodeTest {

  /** The classes of a compilation. */
  private static final class Program extends ClassLoader {
    private final Map<String, byte[]> classes = new HashMap<>();

    Program(String source) throws IOException {
      super(GeneratedCodeTest.class.getClassLoader());
      Compilation compilation = Compiling.compile("demo.Source", Compiling.PREAMBLE + source);
      assertThat(compilation.errors()).isEmpty();
      for (JavaFileObject file : compilation.generatedFiles()) {
        if (file.getKind() == JavaFileObject.Kind.CLASS) {
          String name = file.getName().replaceAll("^/CLASS_OUTPUT/|\\.class$", "");
          try (InputStream in = file.openInputStream()) {
            classes.put(name.replace('/', '.'), in.readAllBytes());
          }
        }
      }
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      byte[] code = classes.get(name);
      if (code == null) {
        throw new ClassNotFoundException(name);
      }
      return defineClass(name, code, 0, code.length);
    }

    /** Calls a static method of a class in package {@code demo}, with one argument or none. */
    Object call(String type, String method, Object... arguments) throws Exception {
      for (Method each : loadClass("demo." + type).getDeclaredMethods()) {
        if (each.getName().equals(method)
            && each.getParameterCount() == arguments.length
            && (arguments.length == 0 || each.getParameterTypes()[0].isInstance(arguments[0]))) {
          each.setAccessible(true);
          try {
            return each.invoke(null, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
          }
        }
      }
      throw new NoSuchMethodException(type + "." + method);
    }
  }

  private static Program program(String source) {
    try {
      return new Program(source);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // ---- task sets

  private static final Program MATH =
      program(
          """
          @TaskSet
          interface MathOps {
            int half(int n);
          }
          class Main {
            static dev.heddle.TaskHandle<Integer> ofFactory(dev.heddle.TaskEngine engine) {
              return engine.submit(MathTasks.of(n -> n / 0).half(1));
            }
            static dev.heddle.TaskHandle<Integer> ofRecord(dev.heddle.TaskEngine engine) {
              return MathTasks.of(n -> n / 0).submit(engine, new MathTask.Half(1));
            }
          }
          """);

  /** A failure names the program's own code, not what is written for it. */
  @ParameterizedTest
  @ValueSource(strings = {"ofFactory", "ofRecord"})
  void submit_taskFails_siteIsThatOfTheProgram(String method) throws Exception {
    try (TaskEngine engine = TaskEngine.builder().workers(1).build()) {
      TaskHandle<?> handle = (TaskHandle<?>) MATH.call("Main", method, engine);
      assertThatThrownBy(() -> handle.join())
          .isInstanceOf(TaskFailedException.class)
          .hasMessageContaining("site=demo.Main." + method + "(Source.java:");
    }
  }

  // ---- settings

  private static final Program ORDERS =
      program(
          """
          @EngineSettings("orders")
          record OrderSettings(
              @Default("3") @Range(max = "64") int workers,
              @Default("1MiB") MemorySize memory,
              Optional<Duration> closeOnExit,
              int low,
              @Default("9") int high) {
            OrderSettings {
              if (low > high) {
                throw new IllegalArgumentException("low must be at most high: low=" + low);
              }
            }
          }
          """);

  @Test
  void load_mapAndProperties_giveTheRecord() throws Exception {
    Map<String, String> map = Map.of("orders.low", "5", "orders.close-on-exit", "2s");
    String expected =
        "OrderSettings[workers=3, memory=1MiB, closeOnExit=Optional[PT2S], low=5, high=9]";
    assertThat(ORDERS.call("OrderSettingsLoader", "load", map)).hasToString(expected);
    Properties properties = new Properties();
    properties.putAll(map);
    assertThat(ORDERS.call("OrderSettingsLoader", "load", properties)).hasToString(expected);
  }

  @Test
  void load_wrongValues_areAllTold() {
    assertThatThrownBy(
            () ->
                ORDERS.call(
                    "OrderSettingsLoader",
                    "load",
                    Map.of("orders.workers", "65", "orders.hi", "1")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContainingAll(
            "workers must be a whole number from 1 to 64: orders.workers=\"65\"",
            "did you mean orders.high?",
            "low must be given: orders.low=nothing");
    assertThatThrownBy(() -> ORDERS.call("OrderSettingsLoader", "loadEnvironment"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith("low must be given: ORDERS_low=nothing");
  }

  @Test
  void load_refusedByTheRecord_isAProblemLikeAnyOther() {
    assertThatThrownBy(() -> ORDERS.call("OrderSettingsLoader", "load", Map.of("orders.low", "10")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage(
            "low must be at most high: low=10: orders=(these settings) (change one of them)")
        .hasCauseInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void documentation_ofAnOptionWithARange_saysWhatTheEngineSays() throws Exception {
    assertThat(ORDERS.call("OrderSettingsLoader", "documentation").toString())
        .contains("| `workers` | `3` | a whole number from 1 to 64 | Worker threads. |");
  }

  @Test
  void engine_ofSettings_hasTheirOptions() throws Exception {
    Object settings =
        ORDERS.call(
            "OrderSettingsLoader",
            "load",
            Map.of("orders.low", "1", "orders.workers", "2", "orders.closeOnExit", "off"));
    TaskEngine.Builder builder =
        (TaskEngine.Builder) ORDERS.call("OrderSettingsLoader", "engine", settings);
    try (TaskEngine engine = builder.name("orders").build()) {
      EngineConfig config = engine.config();
      assertThat(config.name()).isEqualTo("orders");
      assertThat(config.workers()).isEqualTo(2);
      assertThat(config.memory()).isEqualTo(MemorySize.mebibytes(1));
      assertThat(config.closeOnExit()).isEmpty();
    }
  }

  // ---- fork functions

  /** Each leaf and each inner node of a tree has a number; the sum of all is known. */
  private static final Program TREES =
      program(
          """
          @ForkFunction
          interface Ints {
            int go(ForkScope scope, int depth, byte b, char c, boolean fail, String text);
          }
          @ForkFunction
          interface Longs {
            long go(ForkScope scope, int depth, long step, float scale);
          }
          @ForkFunction
          interface Doubles {
            double go(ForkScope scope, int depth, double from, double to, long[] weights);
          }
          @ForkFunction
          interface Texts {
            String go(ForkScope scope, int depth, String prefix);
          }
          class Main {
            static final Ints INTS = Main::ints;
            static final Longs LONGS = Main::longs;
            static final Doubles DOUBLES = Main::doubles;
            static final Texts TEXTS = Main::texts;

            static int ints(ForkScope scope, int depth, byte b, char c, boolean fail, String text) {
              if (depth == 0 && fail) {
                throw new IllegalStateException(text + c);
              }
              return depth == 0
                  ? b + c + text.length()
                  : IntsFork.join(scope, INTS, depth - 1, b, c, false, text + "l",
                      depth - 1, (byte) (b + 1), (char) (c + 1), fail, text, Integer::sum);
            }

            static long longs(ForkScope scope, int depth, long step, float scale) {
              return depth == 0
                  ? (long) (step * scale)
                  : LongsFork.join(scope, LONGS, depth - 1, 2 * step, scale,
                      depth - 1, 2 * step + 1, -scale, Long::sum);
            }

            static double doubles(ForkScope scope, int depth, double from, double to, long[] w) {
              double middle = (from + to) / 2;
              return depth == 0
                  ? w[(int) (from * 7 % w.length)] * (to - from)
                      + TEXTS.go(scope, 1, "x").length() // another function in the same scope
                  : DoublesFork.join(scope, DOUBLES, depth - 1, from, middle, w,
                      depth - 1, middle, to, w, Double::sum);
            }

            static String texts(ForkScope scope, int depth, String prefix) {
              return depth == 0
                  ? prefix
                  : TextsFork.join(scope, TEXTS, depth - 1, prefix + "0", depth - 1, prefix + "1",
                      (left, right) -> left + "," + right);
            }

            static String all(dev.heddle.TaskEngine engine) {
              return IntsFork.compute(engine, INTS, 8, (byte) -9, 'a', false, "t")
                  + " " + LongsFork.compute(engine, LONGS, 8, 1, 0.5f)
                  + " " + DoublesFork.compute(engine, DOUBLES, 6, 0, 64, new long[] {1, 2, 4, 8})
                  + " " + TextsFork.compute(engine, TEXTS, 4, "");
            }

            static int fail(dev.heddle.TaskEngine engine) {
              return IntsFork.compute(engine, INTS, 8, (byte) 0, 'a', true, "leaf ");
            }

            static int withoutFunction(dev.heddle.TaskEngine engine) {
              return IntsFork.compute(engine, null, 8, (byte) 0, 'a', true, "leaf ");
            }
          }
          """);

  private static int ints(int depth, int b, int c, int length) {
    return depth == 0
        ? b + c + length
        : ints(depth - 1, b, c, length + 1) + ints(depth - 1, b + 1, c + 1, length);
  }

  private static long longs(int depth, long step, float scale) {
    return depth == 0
        ? (long) (step * scale)
        : longs(depth - 1, 2 * step, scale) + longs(depth - 1, 2 * step + 1, -scale);
  }

  private static double doubles(int depth, double from, double to) {
    double middle = (from + to) / 2;
    return depth == 0
        ? (1L << (int) (from * 7 % 4)) * (to - from) + "x0,x1".length()
        : doubles(depth - 1, from, middle) + doubles(depth - 1, middle, to);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8})
  void compute_allKindsOfResults_asSequentially(int workers) throws Exception {
    String texts =
        "0000,0001,0010,0011,0100,0101,0110,0111,1000,1001,1010,1011,1100,1101,1110,1111";
    String expected =
        ints(8, -9, 'a', 1) + " " + longs(8, 1, 0.5f) + " " + doubles(6, 0, 64) + " " + texts;
    try (TaskEngine engine = TaskEngine.builder().workers(workers).build()) {
      for (int round = 0; round < 50; round++) {
        assertThat(TREES.call("Main", "all", engine)).isEqualTo(expected);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void compute_functionThrows_comesOutAndTheNextIsRight(int workers) throws Exception {
    try (TaskEngine engine = TaskEngine.builder().workers(workers).build()) {
      assertThatThrownBy(() -> TREES.call("Main", "fail", engine))
          .isInstanceOf(TaskFailedException.class)
          .rootCause()
          .hasMessage("leaf i");
      assertThatThrownBy(() -> TREES.call("Main", "withoutFunction", engine))
          .isInstanceOf(NullPointerException.class)
          .hasMessage("function");
      assertThat(TREES.call("Main", "all", engine).toString())
          .startsWith(ints(8, -9, 'a', 1) + " ");
    }
  }
}
