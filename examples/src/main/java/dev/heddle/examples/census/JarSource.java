// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.census;

import dev.heddle.error.ErrorText;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.zip.ZipFile;

/**
 * The class files of a jar. Of a multi-release jar, those that the running JDK would load: each
 * class once, in the version that fits.
 */
final class JarSource implements ClassSource {

  private final Path path;
  private final JarFile jar;

  private JarSource(Path path, JarFile jar) {
    this.path = path;
    this.jar = jar;
  }

  private record JarClass(JarFile jar, JarEntry entry) implements ClassFile {
    @Override
    public String name() {
      return entry.getName();
    }

    @Override
    public String location() {
      return entry.getRealName(); // under META-INF/versions if it is for newer JDKs
    }

    @Override
    public long size() {
      return Math.max(0, entry.getSize()); // -1 if the jar does not state it
    }

    @Override
    public byte[] read() throws IOException {
      try (InputStream in = jar.getInputStream(entry)) {
        return in.readAllBytes();
      }
    }
  }

  /**
   * Opens a jar.
   *
   * @throws InputException if there is no such file, or it is not a jar
   */
  static JarSource open(Path path) throws InputException {
    if (!Files.exists(path)) {
      throw new InputException(
          "jar does not exist: jar=" + ErrorText.quote(path) + " (give the path of a jar)");
    }
    if (!Files.isRegularFile(path)) {
      throw new InputException(
          "jar must be a file: jar=" + ErrorText.quote(path) + " (give the path of a jar)");
    }
    try {
      // Signatures are not checked: nothing of the jar is run.
      JarFile jar = new JarFile(path.toFile(), false, ZipFile.OPEN_READ, JarFile.runtimeVersion());
      return new JarSource(path, jar);
    } catch (IOException e) {
      throw InputException.unreadable("jar", "jar", path, e, "give one that the jar tool can list");
    }
  }

  @Override
  public String description() {
    return "jar " + path.getFileName();
  }

  @Override
  public List<ClassPackage> packages() throws InputException {
    List<ClassPackage> packages =
        ClassPackage.group(
            jar.versionedStream()
                .filter(entry -> !entry.isDirectory() && entry.getName().endsWith(".class"))
                .map(entry -> new JarClass(jar, entry)));
    if (packages.isEmpty()) {
      throw new InputException(
          "jar must have classes: jar=" + ErrorText.quote(path) + ", classes=0 (give another jar)");
    }
    return packages;
  }

  @Override
  public void close() throws IOException {
    jar.close();
  }
}
