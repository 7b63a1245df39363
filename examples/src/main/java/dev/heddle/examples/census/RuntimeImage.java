// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.census;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The class files of the JDK that runs this program, from its {@code jrt:/} file system. */
final class RuntimeImage implements ClassSource {

  // Belongs to the JVM, which closes it.
  private final FileSystem files = FileSystems.getFileSystem(URI.create("jrt:/"));

  private record ImageFile(String name, long size, Path path) implements ClassFile {
    @Override
    public String location() {
      return path.toString();
    }

    @Override
    public byte[] read() throws IOException {
      return Files.readAllBytes(path);
    }
  }

  @Override
  public String description() {
    return "run-time image of JDK " + Runtime.version();
  }

  @Override
  public List<ClassPackage> packages() throws InputException {
    Path modules = files.getPath("/modules");
    try (Stream<Path> paths =
        Files.find(
            modules,
            Integer.MAX_VALUE,
            (path, attributes) ->
                attributes.isRegularFile() && path.toString().endsWith(".class"))) {
      return ClassPackage.group(paths.map(path -> imageFile(modules, path)));
    } catch (IOException | UncheckedIOException e) {
      throw InputException.unreadable(
          "run-time image",
          "java.home",
          System.getProperty("java.home"),
          e,
          "use --jar to count a jar instead");
    }
  }

  private static ImageFile imageFile(Path modules, Path path) {
    try {
      return new ImageFile(modules.relativize(path).toString(), Files.size(path), path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {}
}
