// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.benchmarks;

import dev.heddle.nativeops.NativeOps;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The bundled C library, loaded once more: what the module itself has loaded is nobody else's, and
 * a rival without the module's wrappers has to find the functions.
 */
final class NativeLibraryFile {

  private NativeLibraryFile() {}

  /**
   * Returns the operations, if they are those of the C library: a benchmark must not measure Java
   * under the name of C.
   *
   * @throws IllegalStateException if they are not
   */
  static NativeOps requireNative() {
    NativeOps ops = NativeOps.get();
    if (!ops.isNative()) {
      throw new IllegalStateException(
          "the C library must be usable: " + ops.whyNotNative().orElseThrow().getMessage(),
          ops.whyNotNative().orElseThrow());
    }
    return ops;
  }

  /** Loads the library for as long as the JVM lives. */
  @SuppressWarnings("restricted") // native access is granted by the options of the fork
  static SymbolLookup load() {
    String name = System.mapLibraryName("heddle");
    String platform = requireNative().provider().split(" ", 2)[0];
    String resource = "/META-INF/native/" + platform + "/" + name;
    try (InputStream in = NativeOps.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("library must be on the class path: resource=" + resource);
      }
      Path folder = Files.createTempDirectory("heddle-benchmarks-");
      Path file = folder.resolve(name);
      folder.toFile().deleteOnExit(); // what is registered last is deleted first
      file.toFile().deleteOnExit();
      Files.copy(in, file);
      return SymbolLookup.libraryLookup(file, Arena.global());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
