// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.processor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A second build, which finds on its class path what the first one has made. */
class RebuildTest {

  @TempDir private Path folder;

  @Test
  void set_builtAgainOverItsOwnClasses_isWrittenAgain_byteForByte() throws IOException {
    Path source = folder.resolve("MathOps.java");
    Files.writeString(
        source, Compiling.PREAMBLE + "@TaskSet public interface MathOps { int one(); }\n");

    assertThat(build(source)).isTrue();
    byte[] first = Files.readAllBytes(folder.resolve("demo/MathTasks.class"));
    assertThat(build(source)).isTrue();
    assertThat(folder.resolve("demo/MathTasks.class")).hasBinaryContent(first);
  }

  private boolean build(Path source) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      JavaCompiler.CompilationTask task =
          compiler.getTask(
              null,
              files,
              null,
              List.of(
                  "--release",
                  "22",
                  "-d",
                  folder.toString(),
                  "-cp",
                  folder + File.pathSeparator + System.getProperty("java.class.path")),
              null,
              files.getJavaFileObjects(source));
      task.setProcessors(List.of(new TaskSetProcessor()));
      return task.call();
    }
  }
}
