// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.nativeops.internal;

import static dev.heddle.nativeops.NativeLibraryException.Reason.ACCESS;
import static dev.heddle.nativeops.NativeLibraryException.Reason.INTEGRITY;
import static dev.heddle.nativeops.NativeLibraryException.Reason.UNAVAILABLE;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.heddle.error.ErrorText;
import dev.heddle.nativeops.NativeLibraryException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the library and loads it. The only search is for the resource of the jar; no path of the
 * system is looked at.
 */
/*
 * Who may change what is loaded? The bytes of the resource are read once, and compared with the hash that was compiled into
 * BundledLibraries; from then on they must not be changed by anybody else.
 *
 * Linux.        They go into an anonymous file in memory (memfd_create), which is sealed against writing and is loaded
 *               by the number of its descriptor. It has no name that somebody could put another file under, and needs
 *               no folder that may be written to and executed from. What was sealed is compared once more.
 * Others.       They go into a new file in a new folder, which has a random name and is for this user alone. They
 *               are read again and compared before they are loaded. Somebody with the same user's rights could replace
 *               the file in between, but needs no library for what he wants. On Windows, the folder of
 *               temporary files is the user's own. The file is deleted at once where the system allows it, otherwise when
 *               the JVM exits.
 * Evidence.     LibraryLoaderTest, LibrarySwapTest; without the last comparison the latter loads foreign bytes.
 */
@SuppressWarnings("restricted") // see load()
final class LibraryLoader {

  static final String PATH_PROPERTY = "heddle.native.path";

  private LibraryLoader() {}

  /**
   * Loads the library, for as long as the JVM lives.
   *
   * @throws NativeLibraryException if that is impossible
   */
  static SymbolLookup load() {
    Module module = LibraryLoader.class.getModule();
    if (!module.isNativeAccessEnabled()) {
      throw new NativeLibraryException(
          ACCESS,
          "native access is disabled: module="
              + (module.isNamed() ? module.getName() : "unnamed")
              + " (to enable: --enable-native-access="
              + (module.isNamed() ? module.getName() : "ALL-UNNAMED")
              + ")",
          null);
    }
    try {
      Linker.nativeLinker();
    } catch (UnsupportedOperationException e) {
      throw unavailable("this JVM must be able to call C: platform=" + platform(), e);
    }
    String path = System.getProperty(PATH_PROPERTY);
    if (path != null) {
      return loadGiven(path);
    }
    String name = platform() + "/" + System.mapLibraryName("heddle");
    return loadBytes(read(name), BundledLibraries.sha256(name), name);
  }

  private static SymbolLookup loadGiven(String path) {
    try {
      if (!Path.of(path).isAbsolute()) {
        throw unavailable(
            "path must be absolute: " + PATH_PROPERTY + "=" + ErrorText.quote(path), null);
      }
      return SymbolLookup.libraryLookup(Path.of(path), Arena.global());
    } catch (IllegalArgumentException e) {
      throw unavailable(
          "library must be one that can be loaded: " + PATH_PROPERTY + "=" + ErrorText.quote(path),
          e);
    }
  }

  /** Operating system and processor, such as {@code linux-x86_64}. */
  static String platform() {
    String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    String processor = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    return (system.startsWith("linux")
            ? "linux"
            : system.startsWith("mac")
                ? "macos"
                : system.startsWith("windows") ? "windows" : "other")
        + "-"
        + switch (processor) {
          case "amd64", "x86_64" -> "x86_64";
          case "aarch64", "arm64" -> "aarch64";
          default -> "other";
        };
  }

  private static byte[] read(String name) {
    try (InputStream in = LibraryLoader.class.getResourceAsStream("/META-INF/native/" + name)) {
      if (in == null) {
        throw unavailable(
            "there must be a library for this platform: library="
                + name
                + " (build Heddle where there is a C compiler, or give one by "
                + PATH_PROPERTY
                + ")",
            null);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw unavailable("library must be readable: library=" + name, e);
    }
  }

  /** Loads a library if its bytes have a hash. */
  static SymbolLookup loadBytes(byte[] bytes, @Nullable String sha256, String name) {
    check(bytes, sha256, name);
    Optional<SymbolLookup> fromMemory = MemoryFile.load(bytes, Arena.global());
    return fromMemory.isPresent() ? fromMemory.get() : loadFromFolder(bytes, sha256, name);
  }

  private static void check(byte[] bytes, @Nullable String sha256, String name) {
    String found = sha256(bytes);
    if (!found.equals(sha256)) {
      throw new NativeLibraryException(
          INTEGRITY,
          "library must be the one that was built: library="
              + name
              + ", sha256="
              + found
              + ", expected="
              + sha256
              + " (get the jar again)",
          null);
    }
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw unavailable("every JVM must have SHA-256", e);
    }
  }

  /** Loads a library by way of a file. */
  static SymbolLookup loadFromFolder(byte[] bytes, @Nullable String sha256, String name) {
    try {
      Path folder = Files.createTempDirectory("heddle-", onlyOwner("rwx------"));
      Path file = folder.resolve(System.mapLibraryName("heddle"));
      try {
        Files.createFile(file, onlyOwner("rw-------"));
        Files.write(file, bytes, WRITE);
        check(Files.readAllBytes(file), sha256, name);
        return SymbolLookup.libraryLookup(file, Arena.global());
      } finally {
        delete(file);
        delete(folder);
      }
    } catch (IOException | IllegalArgumentException e) {
      throw unavailable(
          "library must be loadable from the folder of temporary files: java.io.tmpdir="
              + ErrorText.quote(System.getProperty("java.io.tmpdir"))
              + " (let it be written to and executed from, or give a library by "
              + PATH_PROPERTY
              + ")",
          e);
    }
  }

  private static void delete(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) { // Windows does not delete what is loaded
      path.toFile().deleteOnExit();
    }
  }

  private static FileAttribute<?>[] onlyOwner(String permissions) {
    boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    return posix
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
  }

  private static NativeLibraryException unavailable(String message, @Nullable Throwable cause) {
    return new NativeLibraryException(UNAVAILABLE, message, cause);
  }
}
