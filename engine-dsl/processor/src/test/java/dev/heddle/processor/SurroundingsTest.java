// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.processor;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.testing.compile.Compilation;
import dev.heddle.TaskEngine;
import dev.heddle.dsl.TaskSet;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is around a source: its module, its package, its encoding, what its build warns of. */
class SurroundingsTest {

  @TempDir private Path folder;

  private static String locationOf(Class<?> type) {
    return type.getProtectionDomain().getCodeSource().getLocation().getPath();
  }

  /** Compiles files, and returns what the compiler says. */
  private List<String> compile(List<String> options, String... sources) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> told = new DiagnosticCollector<>();
    List<Path> files = new ArrayList<>();
    for (String source : sources) {
      Path file = folder.resolve(files.isEmpty() ? "Source.java" : "module-info.java");
      files.add(Files.writeString(file, source));
    }
    try (StandardJavaFileManager manager = compiler.getStandardFileManager(told, null, null)) {
      List<String> all =
          Stream.concat(
                  Stream.of("--release", "22", "-Xlint:all,-processing", "-d", folder.toString()),
                  options.stream())
              .toList();
      JavaCompiler.CompilationTask task =
          compiler.getTask(
              null, manager, told, all, null, manager.getJavaFileObjectsFromPaths(files));
      task.setProcessors(
          List.of(
              new TaskSetProcessor(), new EngineSettingsProcessor(), new ForkFunctionProcessor()));
      task.call();
    }
    return told.getDiagnostics().stream().map(Diagnostic::toString).toList();
  }

  private static final String ALL =
      """
      class Source {
        @TaskSet interface MathOps { int add(int a, int b); }
        @EngineSettings("app") record Some(@Default("1") int workers) {}
        @ForkFunction interface Walk { int go(ForkScope scope, int a, int b, int c); }
      }
      """;

  @Test
  void module_thatReadsNoCompiler_compiles() throws IOException {
    String path =
        Stream.of(TaskEngine.class, TaskSet.class, org.jctools.queues.MessagePassingQueue.class)
            .map(SurroundingsTest::locationOf)
            .collect(Collectors.joining(File.pathSeparator));
    assertThat(
            compile(
                List.of("--module-path", path, "-Xlint:-requires-automatic,-module"),
                Compiling.PREAMBLE + ALL,
                "module app { requires dev.heddle.dsl; }"))
        .isEmpty();
  }

  /** A class of the program that is called like one of the JDK's is not taken for it. */
  @ParameterizedTest
  @ValueSource(strings = {"Process", "Void", "Long", "Override", "String", "SuppressWarnings"})
  void package_withNamesOfTheJdk_compiles(String name) {
    Compilation compilation =
        Compiling.compile(
            "demo.Source",
            Compiling.PREAMBLE
                + """
                class %s {}
                @TaskSet interface MathOps { void log(java.lang.Process of, java.lang.Long a, %1$s own); }
                @EngineSettings("app") record Some(Duration pause, MemorySize size, java.lang.String text) {}
                @ForkFunction interface Walk { java.lang.Long go(ForkScope scope, %1$s own); }
                """
                    .formatted(name));
    assertThat(compilation.errors()).isEmpty();
  }

  @Test
  void types_deprecatedAndRaw_areWarnedOfInTheSourceOnly() {
    Compilation compilation =
        Compiling.compile(
            "demo.Source",
            Compiling.PREAMBLE
                + """
                class Source {
                  @Deprecated(forRemoval = true) static class Old {}
                  @SuppressWarnings({"removal", "rawtypes", "unchecked"})
                  @TaskSet
                  interface MathOps {
                    Old old(Old a, java.util.List raw);
                    int all(java.util.List<String>... all);
                  }
                  @SuppressWarnings({"removal", "rawtypes"})
                  @ForkFunction
                  interface Walk { Old go(ForkScope scope, Old a, java.util.List raw); }
                }
                """);
    assertThat(compilation.diagnostics()).isEmpty();
  }

  @Test
  void texts_inANarrowEncoding_areKept() throws Exception {
    List<String> told =
        compile(
            List.of("-encoding", "US-ASCII", "-cp", System.getProperty("java.class.path")),
            Compiling.PREAMBLE
                + "/** Some.\n * @param title what \\u00fc is,\n *   and more\n * @param none\n"
                + " * @param other a {@code b}\n * @since 1 */\n"
                + "@EngineSettings(\"app\")\n"
                + "public record Source(@Default(\"\\u00e9t\\u00e9\\t\\\"\") String title,"
                + " @Default(\"\") String none, @Default(\"1\") int other) {}\n");
    assertThat(told).isEmpty();
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {folder.toUri().toURL()}, getClass().getClassLoader())) {
      Class<?> written = loader.loadClass("demo.SourceLoader");
      assertThat(written.getMethod("load", Map.class).invoke(null, Map.of()))
          .hasToString("Source[title=\u00e9t\u00e9\t\", none=, other=1]");
      assertThat(written.getMethod("documentation").invoke(null).toString())
          .contains("| a text | what \u00fc is, and more |\n")
          .contains("| `none` | `` | a text |  |\n")
          .endsWith("| a b |");
    }
  }

  /** Names of components that what is written uses itself. */
  @Test
  void components_calledLikeWhatIsWritten_compile() {
    Compilation compilation =
        Compiling.compile(
            "demo.Source",
            Compiling.PREAMBLE
                + "@EngineSettings(\"app\") record Some(String settings, String values, String e,"
                + " String builder, String load, String make, String engine, int workers) {}");
    assertThat(compilation.errors()).isEmpty();
  }
}
