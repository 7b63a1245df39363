// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.processor;

import static com.google.testing.compile.Compiler.javac;

import com.google.testing.compile.Compilation;
import com.google.testing.compile.JavaFileObjects;

/** Compiles sources of tests with the processor. */
final class Compiling {

  /** Imports, on one line, so that a test's own first line is the second. */
  static final String PREAMBLE =
      "package demo; import dev.heddle.TaskContext; import dev.heddle.dsl.*; import"
          + " dev.heddle.MemorySize; import dev.heddle.fork.ForkScope; import java.io.IOException;"
          + " import java.time.Duration; import java.util.Optional;\n";

  private Compiling() {}

  static Compilation compile(String name, String source) {
    return javac()
        .withProcessors(
            new TaskSetProcessor(), new EngineSettingsProcessor(), new ForkFunctionProcessor())
        .withOptions("--release", "22", "-Xlint:all,-processing", "-parameters")
        .compile(JavaFileObjects.forSourceString(name, source));
  }
}
