// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.StringReader;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/**
 * Compiles and runs the blocks of code of README and CONCEPTS, each in the frame of its number in
 * {@code documentation}, which has what a block takes for granted.
 */
class DocumentationTest {

  private static final Path ROOT = Path.of("..");
  private static final Pattern BLOCK =
      Pattern.compile("^```(\\w*)\\R(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);
  private static final Pattern TYPE = Pattern.compile("public class (\\w+)");

  @TempDir private Path folder;

  /** The blocks of a page in a language; "" for pictures and commands. */
  private static List<String> blocks(String page, String language) throws Exception {
    Matcher block = BLOCK.matcher(Files.readString(ROOT.resolve(page)));
    List<String> blocks = new ArrayList<>();
    while (block.find()) {
      if (block.group(1).equals(language)) {
        blocks.add(block.group(2));
      }
    }
    return blocks;
  }

  @Test
  void blocks_areThoseThatAreTried() throws Exception {
    assertThat(blocks("README.md", "java")).hasSize(5);
    assertThat(blocks("README.md", "xml")).hasSize(2);
    assertThat(blocks("README.md", "")).isEmpty();
    assertThat(blocks("CONCEPTS.md", "java")).isEmpty();
    assertThat(blocks("CONCEPTS.md", "")).as("a picture").hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    "1, '42, and README has [1-9][0-9]+ lines'",
    "2, 'Quote\\[item=warp, price=12\\]'",
    "3, 'Thumb\\[path=warp.png\\] 42 15511210043330985984000000'",
    "4, 'OrderSettings\\[workers=8, patience=PT30S\\] orders 0.666667'",
    "5, '78498'",
  })
  void block_ofReadme_compilesAndRuns(int number, String printed) throws Exception {
    String block = blocks("README.md", "java").get(number - 1);
    String frame =
        Files.readString(
            Path.of("src/test/resources/documentation/README-" + number + ".java.txt"));
    Matcher type = TYPE.matcher(frame);
    assertThat(type.find()).isTrue();
    Path source = folder.resolve(type.group(1) + ".java");
    Files.writeString(source, frame.replace("//block", block).replace("README.md", "../README.md"));
    compile(source);

    PrintStream before = System.out;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {folder.toUri().toURL()}, getClass().getClassLoader())) {
      System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
      loader.loadClass("documentation." + type.group(1)).getMethod("run").invoke(null);
    } finally {
      System.setOut(before);
    }
    assertThat(out.toString(StandardCharsets.UTF_8)).containsPattern(printed);
  }

  /** As a user does: with the processors that the class path has. */
  private void compile(Path source) throws Exception {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> told = new DiagnosticCollector<>();
    try (StandardJavaFileManager files =
        compiler.getStandardFileManager(told, Locale.ROOT, StandardCharsets.UTF_8)) {
      boolean compiled =
          compiler
              .getTask(
                  null,
                  files,
                  told,
                  List.of(
                      "--release",
                      "22",
                      "-proc:full",
                      "-Xlint:all,-processing,-serial",
                      "-d",
                      folder.toString(),
                      "-cp",
                      System.getProperty("java.class.path")),
                  null,
                  files.getJavaFileObjects(source))
              .call();
      assertThat(compiled)
          .as(
              () ->
                  told.getDiagnostics().stream().map(this::line).collect(Collectors.joining("\n")))
          .isTrue();
    }
    assertThat(told.getDiagnostics().stream().map(this::line)).isEmpty();
  }

  private String line(Diagnostic<? extends JavaFileObject> each) {
    return each.getLineNumber() + ": " + each.getMessage(Locale.ROOT);
  }

  /** Coordinates in README are those of the modules here. */
  @Test
  void dependencies_ofReadme_areModulesOfThisVersion() throws Exception {
    String version =
        texts(parse(Files.readString(ROOT.resolve("extensions/bom/pom.xml"))), "version")
            .getFirst();
    List<String> names = new ArrayList<>();
    for (String block : blocks("README.md", "xml")) {
      Document xml = parse("<fragment>" + block + "</fragment>");
      for (String tag : List.of("dependency", "path")) {
        NodeList all = xml.getElementsByTagName(tag);
        for (int i = 0; i < all.getLength(); i++) {
          Element each = (Element) all.item(i);
          assertThat(text(each, "groupId")).isEqualTo("dev.heddle");
          assertThat(text(each, "version")).isEqualTo(version);
          names.add(text(each, "artifactId"));
        }
      }
    }
    assertThat(names).containsExactly("heddle-core", "heddle-dsl", "heddle-processor");
    String modules =
        Files.readString(ROOT.resolve("engine-core/pom.xml"))
            + Files.readString(ROOT.resolve("engine-dsl/dsl/pom.xml"))
            + Files.readString(ROOT.resolve("engine-dsl/processor/pom.xml"));
    assertThat(names)
        .allSatisfy(name -> assertThat(modules).contains("<artifactId>" + name + "</artifactId>"));
  }

  private static Document parse(String xml) throws Exception {
    return DocumentBuilderFactory.newDefaultInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(xml)));
  }

  private static List<String> texts(Document document, String tag) {
    NodeList all = document.getElementsByTagName(tag);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < all.getLength(); i++) {
      texts.add(all.item(i).getTextContent());
    }
    return texts;
  }

  private static String text(Element parent, String tag) {
    return parent.getElementsByTagName(tag).item(0).getTextContent();
  }
}
