// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.nativeops.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.heddle.TaskEngine;
import dev.heddle.nativeops.NativeLibraryException;
import dev.heddle.nativeops.NativeLibraryException.Reason;
import dev.heddle.nativeops.NativeOps;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No bytes are loaded but those that were built; without them, and without access, Java runs. */
class LibraryLoaderTest {

  private static final String NAME =
      LibraryLoader.platform() + "/" + System.mapLibraryName("heddle");

  @TempDir Path folder;

  @BeforeEach
  void thereIsALibrary() {
    assumeTrue(NativeOps.get().isNative(), "no library was built: see MathOpsTest");
  }

  static byte[] bundled() throws IOException {
    try (InputStream in = LibraryLoaderTest.class.getResourceAsStream("/META-INF/native/" + NAME)) {
      return in.readAllBytes();
    }
  }

  // ---- integrity

  @Test
  void loadBytes_oneBitIsAnother_isRefused() throws IOException {
    byte[] bytes = bundled();
    bytes[bytes.length / 2] ^= 1;
    assertThatExceptionOfType(NativeLibraryException.class)
        .isThrownBy(() -> LibraryLoader.loadBytes(bytes, BundledLibraries.sha256(NAME), NAME))
        .withMessageStartingWith("library must be the one that was built: library=" + NAME)
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.INTEGRITY));
  }

  @Test
  void loadBytes_nameWithoutAHash_isRefused() throws IOException {
    byte[] bytes = bundled();
    assertThatExceptionOfType(NativeLibraryException.class)
        .isThrownBy(() -> LibraryLoader.loadBytes(bytes, BundledLibraries.sha256("none"), "none"))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.INTEGRITY));
  }

  @Test
  void memoryFile_loaded_leavesNoFileAndNoDescriptor() throws IOException {
    assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")), "only Linux has files in memory");
    long before = descriptors();
    SymbolLookup symbols = MemoryFile.load(bundled(), Arena.global()).orElseThrow();
    assertThat(symbols.find("hd_abi_version")).isPresent();
    assertThat(descriptors()).isLessThanOrEqualTo(before);
  }

  private static long descriptors() throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      return all.filter(each -> isMemoryFile(each)).count();
    }
  }

  private static boolean isMemoryFile(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().contains("memfd:heddle");
    } catch (IOException e) { // closed meanwhile
      return false;
    }
  }

  @Test
  void loadFromFolder_loaded_isForTheUserAlone_andGoneAfterwards() throws Exception {
    Set<Path> before = temporaryFolders();
    assertThat(
            LibraryLoader.loadFromFolder(bundled(), BundledLibraries.sha256(NAME), NAME)
                .find("hd_abi_version"))
        .isPresent();
    if (!System.getProperty("os.name").startsWith("Windows")) {
      assertThat(temporaryFolders()).isEqualTo(before);
    }
  }

  private static Set<Path> temporaryFolders() throws IOException {
    try (Stream<Path> all = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return all.filter(each -> each.getFileName().toString().startsWith("heddle-"))
          .collect(Collectors.toSet());
    }
  }

  // ---- other virtual machines

  private record Ran(int exitCode, String output) {}

  /** Runs {@link Probe} in a JVM of its own. */
  private Ran run(String classPath, String... options) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", classPath, Probe.class.getName()));
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).directory(folder.toFile()).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    return new Ran(process.waitFor(), output);
  }

  /** Tests, operations and engine, wherever the build has them. */
  private static final List<Path> PLACES =
      Stream.of(Probe.class, NativeOps.class, TaskEngine.class)
          .map(LibraryLoaderTest::placeOf)
          .toList();

  private static final String CLASS_PATH =
      PLACES.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));

  private static Path placeOf(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  private static final String ACCESS = "--enable-native-access=ALL-UNNAMED";

  @Test
  void get_withAccess_isNative_andSaysNothing() throws Exception {
    Ran ran = run(CLASS_PATH, ACCESS);
    assertThat(ran.output()).isEqualTo("native 42.0" + System.lineSeparator());
  }

  @Test
  void get_withoutAccess_runsInJava_withOneNoticeThatNamesTheFlag() throws Exception {
    Ran ran = run(CLASS_PATH);
    assertThat(ran.exitCode()).isZero();
    assertThat(ran.output())
        .contains("java 42.0")
        .containsOnlyOnce(
            "native operations run in Java: native access is disabled: module=unnamed"
                + " (to enable: --enable-native-access=ALL-UNNAMED)")
        .doesNotContain("WARNING");
  }

  @Test
  void get_accessDenied_runsInJava() throws Exception {
    if (Runtime.version().feature() < 24) {
      return; // the option is of 24
    }
    Ran ran = run(CLASS_PATH, "--illegal-native-access=deny");
    assertThat(ran.exitCode()).isZero();
    assertThat(ran.output()).contains("java 42.0").contains("native access is disabled");
  }

  @Test
  void get_requiredWithoutAccess_fails() throws Exception {
    Ran ran = run(CLASS_PATH, "-Dheddle.native=required");
    assertThat(ran.exitCode()).isEqualTo(1);
    assertThat(ran.output())
        .contains("NativeLibraryException: native access is disabled: module=unnamed");
  }

  @Test
  void get_javaAskedFor_saysNothing() throws Exception {
    assertThat(run(CLASS_PATH, ACCESS, "-Dheddle.native=java").output())
        .isEqualTo("java 42.0" + System.lineSeparator());
  }

  @Test
  void get_unknownValue_isAConfigurationError() throws Exception {
    Ran ran = run(CLASS_PATH, ACCESS, "-Dheddle.native=maybe");
    assertThat(ran.exitCode()).isEqualTo(1);
    assertThat(ran.output())
        .contains(
            "ConfigurationException: value must be a known one: heddle.native=\"maybe\" (use auto,"
                + " java or required)");
  }

  @Test
  void get_noLibraryForThePlatform_runsInJava() throws Exception {
    Ran unknown = run(CLASS_PATH, ACCESS, "-Dos.arch=sparc");
    assertThat(unknown.exitCode()).isZero();
    assertThat(unknown.output())
        .contains("java 42.0")
        .contains("this JVM must be able to call C: platform=");
    Ran other = run(CLASS_PATH, ACCESS, "-Dos.name=Plan 9");
    assertThat(other.exitCode()).isZero();
    assertThat(other.output())
        .contains("java 42.0")
        .contains("there must be a library for this platform: library=other-");
  }

  @Test
  void get_pathOfALibrary_isUsed_orSaysWhyNot() throws Exception {
    Path library = Files.write(folder.resolve("given.so"), bundled());
    assertThat(run(CLASS_PATH, ACCESS, "-Dheddle.native.path=" + library).output())
        .startsWith("native 42.0");
    assertThat(run(CLASS_PATH, ACCESS, "-Dheddle.native.path=given.so").output())
        .contains("java 42.0")
        .contains("path must be absolute: heddle.native.path=\"given.so\"");
    assertThat(run(CLASS_PATH, ACCESS, "-Dheddle.native.path=" + folder.resolve("no")).output())
        .contains("java 42.0")
        .contains("library must be one that can be loaded: heddle.native.path=");
  }

  @Test
  void get_libraryOfAnotherVersionOrKind_isNotUsed() throws Exception {
    assumeTrue(
        LibraryLoader.platform().equals("linux-x86_64"), "knows the code of this platform only");
    byte[] bytes = bundled();
    bytes[LibrarySwapTest.placeOfVersion(bytes)] = 2;
    Path later = Files.write(folder.resolve("later.so"), bytes);
    assertThat(run(CLASS_PATH, ACCESS, "-Dheddle.native.path=" + later).output())
        .contains("java 42.0")
        .contains("library must be of this version of Heddle: abiVersion=2, expected=1");
    Path other = Path.of(System.getProperty("java.home"), "lib", System.mapLibraryName("zip"));
    assertThat(run(CLASS_PATH, ACCESS, "-Dheddle.native.path=" + other).output())
        .contains("java 42.0")
        .contains(
            "library must be of this version of Heddle: function=hd_abi_version, found=false");
  }

  /** A library of the same name on every path that a system looks at is not touched. */
  @Test
  void get_decoysOnTheLibraryPath_areNotLoaded() throws Exception {
    Path decoy = folder.resolve(System.mapLibraryName("heddle"));
    Files.writeString(decoy, "not a library");
    assertThat(run(CLASS_PATH, ACCESS, "-Djava.library.path=" + folder).output())
        .startsWith("native 42.0");
    assertThat(
            run(CLASS_PATH, ACCESS, "-Djava.library.path=" + folder, "-Dos.name=Plan 9").output())
        .contains("java 42.0");
  }

  @Test
  void get_folderOfTemporaryFilesIsMissing_isNativeAllTheSame() throws Exception {
    assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")), "only Linux has files in memory");
    assertThat(run(CLASS_PATH, ACCESS, "-Djava.io.tmpdir=" + folder.resolve("missing")).output())
        .contains("native 42.0");
  }

  @Test
  void get_twoJvmsAtOnce_bothAreNative() throws Exception {
    List<Thread> threads = new ArrayList<>();
    List<String> outputs = Collections.synchronizedList(new ArrayList<>());
    for (int i = 0; i < 2; i++) {
      threads.add(
          new Thread(
              () -> {
                try {
                  outputs.add(run(CLASS_PATH, ACCESS).output());
                } catch (Exception e) {
                  outputs.add(e.toString());
                }
              }));
    }
    threads.forEach(Thread::start);
    for (Thread each : threads) {
      each.join();
    }
    assertThat(outputs).hasSize(2).allMatch(each -> each.startsWith("native 42.0"));
  }

  @Test
  void get_twoClassLoaders_eachHasItsOwn() throws Exception {
    List<URL> urls = new ArrayList<>();
    for (Path each : PLACES) {
      urls.add(each.toUri().toURL());
    }
    for (int i = 0; i < 2; i++) {
      try (URLClassLoader loader =
          new URLClassLoader(urls.toArray(new URL[0]), ClassLoader.getPlatformClassLoader())) {
        Object ops = loader.loadClass(NativeOps.class.getName()).getMethod("get").invoke(null);
        assertThat(ops.getClass()).isNotSameAs(NativeOps.class);
        assertThat(ops.toString()).doesNotContain("java");
      }
    }
  }
}
