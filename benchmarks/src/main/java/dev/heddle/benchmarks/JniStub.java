// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The rival {@code jni}: a function that is called as before there was a foreign function API. Its
 * C side is compiled when it is needed, so that the build needs no header of JNI.
 */
final class JniStub {

  private static final String COMPILER = "cc";
  private static final String SOURCE = "jni_stub.c";
  private static final int SECONDS = 60;

  private JniStub() {}

  /** Tells whether there is a C compiler. */
  static boolean hasCompiler() {
    try {
      Process process =
          new ProcessBuilder(COMPILER, "--version")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException _) {
      return false;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /**
   * Compiles and loads the C side.
   *
   * @param function what it is to call: {@code hd_utf8_count}
   * @throws IllegalStateException if there is no C compiler, or it refuses
   */
  @SuppressWarnings("restricted") // native access is granted by the options of the fork
  static void load(MemorySegment function) throws IOException, InterruptedException {
    if (!hasCompiler()) {
      throw new IllegalStateException(
          "the rival jni needs a C compiler: command=" + COMPILER + " (install one)");
    }
    Path folder = Files.createTempDirectory("heddle-jni-");
    Path source = folder.resolve(SOURCE);
    Path library = folder.resolve(System.mapLibraryName("jni_stub"));
    folder.toFile().deleteOnExit(); // what is registered last is deleted first
    source.toFile().deleteOnExit();
    library.toFile().deleteOnExit();
    try (InputStream in = JniStub.class.getResourceAsStream(SOURCE)) {
      if (in == null) {
        throw new IllegalStateException("source must be on the class path: resource=" + SOURCE);
      }
      Files.copy(in, source);
    }
    compile(source, library);
    System.load(library.toString());
    use(function.address());
  }

  private static void compile(Path source, Path library) throws IOException, InterruptedException {
    Path include = Path.of(System.getProperty("java.home"), "include");
    String system = System.getProperty("os.name").startsWith("Mac") ? "darwin" : "linux";
    Process process =
        new ProcessBuilder(
                List.of(
                    COMPILER,
                    "-O2",
                    "-shared",
                    "-fPIC",
                    "-I" + include,
                    "-I" + include.resolve(system),
                    "-o",
                    library.toString(),
                    source.toString()))
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IllegalStateException(
          "the rival jni must compile: include=" + include + " (run a whole JDK)\n" + output);
    }
  }

  private static native void use(long function);

  /** Counts code points by the function that was given to {@link #load}. */
  static native long countCodePoints(long address, long length);
}
