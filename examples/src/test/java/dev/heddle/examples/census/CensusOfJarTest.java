// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.census;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.heddle.examples.Console;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.objectweb.asm.Handle;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import tools.jackson.databind.JsonNode;

class CensusOfJarTest {

  /** One instruction of each kind that ASM reports by a method of its own. */
  private static void everyKind(MethodVisitor code) {
    Label start = new Label();
    Label end = new Label();
    code.visitLabel(start);
    code.visitInsn(Opcodes.ICONST_1);
    code.visitVarInsn(Opcodes.ISTORE, 0);
    code.visitIincInsn(0, 1);
    code.visitIntInsn(Opcodes.BIPUSH, 7);
    code.visitInsn(Opcodes.POP);
    code.visitLdcInsn("text");
    code.visitInsn(Opcodes.POP);
    code.visitTypeInsn(Opcodes.NEW, "java/lang/Object");
    code.visitInsn(Opcodes.POP);
    code.visitFieldInsn(Opcodes.GETSTATIC, "java/lang/Long", "MAX_VALUE", "J");
    code.visitInsn(Opcodes.POP2);
    code.visitInsn(Opcodes.ICONST_1);
    code.visitMultiANewArrayInsn("[I", 1);
    code.visitInsn(Opcodes.POP);
    code.visitInvokeDynamicInsn(
        "make", "()V", new Handle(Opcodes.H_INVOKESTATIC, "a/Bootstrap", "link", "()V", false));
    code.visitMethodInsn(Opcodes.INVOKESTATIC, "java/lang/Thread", "yield", "()V", false);
    code.visitVarInsn(Opcodes.ILOAD, 0);
    code.visitTableSwitchInsn(0, 0, end, end);
    code.visitVarInsn(Opcodes.ILOAD, 0);
    code.visitLookupSwitchInsn(end, new int[] {1}, new Label[] {end});
    code.visitJumpInsn(Opcodes.GOTO, start);
    code.visitLabel(end);
  }

  private static void twoCalls(MethodVisitor code) {
    code.visitMethodInsn(Opcodes.INVOKESTATIC, "java/lang/Thread", "yield", "()V", false);
    code.visitMethodInsn(Opcodes.INVOKESTATIC, "b/Other", "run", "()V", false);
  }

  @TempDir private Path folder;
  private String jar = "";

  @BeforeEach
  void writeJar() throws Exception {
    jar =
        TestJar.at(folder.resolve("known.jar"))
            .with("module-info.class", TestJar.moduleDescriptor("known"))
            .withClass("a/EveryKind", CensusOfJarTest::everyKind)
            .withClass("a/Calls", CensusOfJarTest::twoCalls)
            .withClass("b/Same", CensusOfJarTest::twoCalls)
            .withClass("NoPackage")
            .with("a/readme.txt", new byte[] {1, 2, 3})
            .write()
            .toString();
  }

  @Test
  void json_knownJar_exactOpcodes() throws Exception {
    assertThat(Json.opcodes(Json.census("--jar", jar)))
        .containsExactly(
            entry("invokestatic", 5L),
            entry("pop", 4L),
            entry("return", 4L),
            entry("iconst_1", 2L),
            entry("iload", 2L),
            entry("bipush", 1L),
            entry("getstatic", 1L),
            entry("goto", 1L),
            entry("iinc", 1L),
            entry("invokedynamic", 1L),
            entry("istore", 1L),
            entry("ldc", 1L),
            entry("lookupswitch", 1L),
            entry("multianewarray", 1L),
            entry("new", 1L),
            entry("pop2", 1L),
            entry("tableswitch", 1L));
  }

  @Test
  void json_knownJar_exactTotals() throws Exception {
    JsonNode census = Json.census("--jar", jar);
    assertThat(census.get("source").asString()).isEqualTo("jar known.jar");
    assertThat(census.get("packages").asInt()).isEqualTo(3);
    JsonNode totals = census.get("totals");
    assertThat(totals.get("classFiles").asLong()).isEqualTo(5);
    assertThat(totals.get("moduleDescriptors").asLong()).isEqualTo(1);
    assertThat(totals.get("methods").asLong()).isEqualTo(4);
    assertThat(totals.get("instructions").asLong()).isEqualTo(29);
    assertThat(totals.get("calls").asLong()).isEqualTo(5);
    assertThat(totals.get("calledMethods").asLong()).isEqualTo(2);
    assertThat(totals.get("contentHash").asString()).matches("[0-9a-f]{16}");
    assertThat(census.get("sequential").get("totals")).isEqualTo(totals);
    assertThat(census.get("engine").get("totals")).isEqualTo(totals);
    assertThat(census.get("equal").asBoolean()).isTrue();
  }

  @Test
  void json_knownJar_rankingsWithTiesInOrderOfNames() throws Exception {
    JsonNode census = Json.census("--jar", jar);
    assertThat(Json.counts(census.get("longestMethods"), "method"))
        .containsExactly(
            entry("a/EveryKind.run()V", 22L),
            entry("a/Calls.run()V", 3L),
            entry("b/Same.run()V", 3L),
            entry("NoPackage.run()V", 1L));
    assertThat(Json.counts(census.get("mostCalledMethods"), "method"))
        .containsExactly(entry("java/lang/Thread.yield()V", 3L), entry("b/Other.run()V", 2L));
  }

  @Test
  void json_topOne_rankingsOfOneMethodButAllOpcodes() throws Exception {
    JsonNode census = Json.census("--jar", jar, "--top", "1");
    assertThat(census.get("longestMethods")).hasSize(1);
    assertThat(census.get("mostCalledMethods")).hasSize(1);
    assertThat(census.get("opcodes")).hasSize(17);
  }

  @Test
  void json_otherNumberOfWorkers_sameCounts() throws Exception {
    JsonNode one = Json.census("--jar", jar, "--workers", "1", "--rounds", "3");
    JsonNode many = Json.census("--jar", jar, "--workers", "9", "--rounds", "1");
    assertThat(one.get("engine").get("threads").asInt()).isEqualTo(1);
    assertThat(many.get("engine").get("threads").asInt()).isEqualTo(9);
    for (String part : new String[] {"totals", "opcodes", "longestMethods", "mostCalledMethods"}) {
      assertThat(many.get(part)).isEqualTo(one.get(part));
    }
  }

  @Test
  void json_multiReleaseJar_eachClassInTheVersionThatWouldBeLoaded() throws Exception {
    Path multiRelease =
        TestJar.at(folder.resolve("multi.jar"))
            .withManifest("Manifest-Version: 1.0\r\nMulti-Release: true\r\n\r\n")
            .withClass("a/A", nops(1))
            .with("META-INF/versions/11/a/A.class", TestJar.classFile("a/A", nops(10)))
            .with("META-INF/versions/9999/a/A.class", TestJar.classFile("a/A", nops(100)))
            .write();
    JsonNode census = Json.census("--jar", multiRelease.toString());
    assertThat(census.get("totals").get("classFiles").asLong()).isEqualTo(1);
    assertThat(Json.opcodes(census)).containsExactly(entry("nop", 10L), entry("return", 1L));
  }

  private static Consumer<MethodVisitor> nops(int count) {
    return code -> {
      for (int i = 0; i < count; i++) {
        code.visitInsn(Opcodes.NOP);
      }
    };
  }

  @Test
  void text_knownJar_tables() throws Exception {
    Console console = Console.of(Census::run, "--jar", jar, "--top", "2");
    assertThat(console.err()).isEmpty();
    assertThat(console.exitCode()).isZero();
    assertThat(console.out().lines())
        .startsWith("Census of the jar known.jar")
        .contains(
            "4 methods, 29 instructions, 5 calls of 2 methods",
            "| opcode       | instructions |   share |",
            "| invokestatic |            5 | 17.24 % |",
            "| pop          |            4 | 13.79 % |",
            "| (15 others)  |           20 | 68.97 % |",
            "|           22 | a/EveryKind.run()V |",
            "|     3 | java/lang/Thread.yield()V |")
        .anyMatch(line -> line.matches("Speed-up: \\d+\\.\\d\\d; the totals are equal"));
  }

  @Test
  void progress_asked_onStandardErrorOnly() throws Exception {
    Console console = Console.of(Census::run, "--jar", jar, "--progress", "--json");
    assertThat(console.exitCode()).isZero();
    assertThat(console.err()).contains("sequential", "engine", "100%");
    assertThat(console.out()).startsWith("{").doesNotContain("100%");
  }
}
