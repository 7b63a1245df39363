// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.processor;

import com.palantir.javapoet.AnnotationSpec;
import com.palantir.javapoet.ClassName;
import com.palantir.javapoet.JavaFile;
import com.palantir.javapoet.TypeSpec;
import java.io.IOException;
import java.lang.annotation.Annotation;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.annotation.processing.FilerException;
import javax.annotation.processing.ProcessingEnvironment;
import javax.annotation.processing.Processor;
import javax.lang.model.element.PackageElement;
import javax.lang.model.element.TypeElement;
import javax.lang.model.util.Elements;

/** Writes files, with what all of them have in common. */
final class Written {

  private static final ClassName GENERATED =
      ClassName.get("javax.annotation.processing", "Generated");

  /** What types of the program may be, which is told where the program uses them. */
  private static final List<String> NOT_OURS =
      List.of("deprecation", "removal", "rawtypes", "unchecked");

  private final ProcessingEnvironment environment;
  private final Reporter reporter;
  private final Class<? extends Processor> processor;
  private final Class<? extends Annotation> annotation;
  private final String fix;
  private final Map<PackageElement, String[]> hiding = new HashMap<>();

  /**
   * Makes a writer for one round.
   *
   * @param processor who writes
   * @param annotation what asks for it
   * @param fix what to do if such a type exists
   */
  Written(
      ProcessingEnvironment environment,
      Reporter reporter,
      Class<? extends Processor> processor,
      Class<? extends Annotation> annotation,
      String fix) {
    this.environment = environment;
    this.reporter = reporter;
    this.processor = processor;
    this.annotation = annotation;
    this.fix = fix;
  }

  /**
   * Writes a type into the package of what it is made of.
   *
   * @return whether it is written; otherwise it has been said why not
   */
  boolean write(TypeSpec type, TypeElement origin) {
    PackageElement place = environment.getElementUtils().getPackageOf(origin);
    String packageName = place.getQualifiedName().toString();
    String name = packageName.isEmpty() ? type.name() : packageName + "." + type.name();
    try {
      JavaFile.builder(packageName, complete(type, origin, place))
          .skipJavaLangImports(true)
          .indent("  ")
          .build()
          .writeTo(environment.getFiler());
      return true;
    } catch (FilerException e) {
      // Not looked up before: what an earlier build has made must not be in its way.
      Placement.refuseToOverwrite(origin, annotation, name, fix, reporter);
    } catch (IOException e) {
      reporter.error(origin, "type could not be written: " + name + " (" + e.getMessage() + ")");
    }
    return false;
  }

  private TypeSpec complete(TypeSpec type, TypeElement origin, PackageElement place) {
    Elements elements = environment.getElementUtils();
    TypeSpec.Builder complete = type.toBuilder().addOriginatingElement(origin);
    // A module need not read java.compiler.
    if (elements.getTypeElement(elements.getModuleOf(origin), GENERATED.canonicalName()) != null) {
      complete.addAnnotation(
          AnnotationSpec.builder(GENERATED).addMember("value", "$S", processor.getName()).build());
    }
    AnnotationSpec.Builder suppress = AnnotationSpec.builder(SuppressWarnings.class);
    NOT_OURS.forEach(each -> suppress.addMember("value", "$S", each));
    complete.addAnnotation(suppress.build());
    return complete.alwaysQualify(hiding.computeIfAbsent(place, this::hiding)).build();
  }

  /** The types of a package that hide one of java.lang: the program's Record is not the JDK's. */
  private String[] hiding(PackageElement place) {
    Set<String> ofTheJdk =
        names(environment.getElementUtils().getPackageElement("java.lang"))
            .collect(Collectors.toSet()); // to look each name up would take longer than to write
    return names(place).filter(ofTheJdk::contains).toArray(String[]::new);
  }

  private static Stream<String> names(PackageElement place) {
    return place.getEnclosedElements().stream().map(type -> type.getSimpleName().toString());
  }

  /** A literal of Java in characters that every encoding has. */
  static String literal(String text) {
    StringBuilder literal = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> literal.append('\\').append(c);
        default -> {
          if (c >= ' ' && c <= '~') {
            literal.append(c);
          } else if (c < ' ') { // a unicode escape of a line's end would be one
            literal.append(String.format("\\%03o", (int) c));
          } else {
            literal.append(String.format("\\u%04x", (int) c));
          }
        }
      }
    }
    return literal.append('"').toString();
  }
}
