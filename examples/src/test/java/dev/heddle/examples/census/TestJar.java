// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.census;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/** A jar made by a test, of which every instruction is known. */
public final class TestJar {

  private final Path path;
  private final Map<String, byte[]> entries = new LinkedHashMap<>();

  private TestJar(Path path) {
    this.path = path;
  }

  /** Starts a jar that will be written to the given path. */
  public static TestJar at(Path path) {
    return new TestJar(path);
  }

  /** Adds a class with one method, {@code run}, which returns at once. */
  public TestJar withClass(String name) {
    return withClass(name, code -> {});
  }

  /** Adds a class with one method, {@code run}, which does something and returns. */
  TestJar withClass(String name, Consumer<MethodVisitor> body) {
    return with(name + ".class", classFile(name, body));
  }

  TestJar with(String entry, byte[] content) {
    entries.put(entry, content);
    return this;
  }

  TestJar withManifest(String lines) {
    return with("META-INF/MANIFEST.MF", lines.getBytes(StandardCharsets.UTF_8));
  }

  static byte[] classFile(String name, Consumer<MethodVisitor> body) {
    ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_MAXS);
    writer.visit(
        Opcodes.V17, Opcodes.ACC_PUBLIC | Opcodes.ACC_SUPER, name, null, "java/lang/Object", null);
    MethodVisitor code =
        writer.visitMethod(Opcodes.ACC_PUBLIC | Opcodes.ACC_STATIC, "run", "()V", null, null);
    code.visitCode();
    body.accept(code);
    code.visitInsn(Opcodes.RETURN);
    code.visitMaxs(0, 0);
    code.visitEnd();
    writer.visitEnd();
    return writer.toByteArray();
  }

  static byte[] moduleDescriptor(String module) {
    ClassWriter writer = new ClassWriter(0);
    writer.visit(Opcodes.V17, Opcodes.ACC_MODULE, "module-info", null, null, null);
    writer.visitModule(module, 0, null).visitEnd();
    writer.visitEnd();
    return writer.toByteArray();
  }

  /** Writes the jar and returns its path. */
  public Path write() throws IOException {
    try (OutputStream out = Files.newOutputStream(path);
        JarOutputStream jar = new JarOutputStream(out)) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        jar.putNextEntry(new ZipEntry(entry.getKey()));
        jar.write(entry.getValue());
      }
    }
    return path;
  }
}
