// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.processor;

import static java.util.Objects.requireNonNull;

import java.lang.annotation.Annotation;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import javax.lang.model.element.Element;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.PackageElement;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.ArrayType;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.type.WildcardType;

/** Checks that what is written in the package of a type can see all that it needs. */
final class Placement {

  private Placement() {}

  /**
   * A type must not be private. It is not local: the compiler shows no such type.
   *
   * @param what what it is for
   */
  static void checkType(TypeElement origin, String what, Reporter reporter) {
    if (isPrivate(origin)) {
      reporter.error(
          origin,
          what
              + " must not be private: "
              + origin.getSimpleName()
              + " (what is written has to see it)");
    }
  }

  /** As public as what it is written for, or not at all. */
  static List<Modifier> access(TypeElement origin) {
    return origin.getModifiers().contains(Modifier.PUBLIC) ? List.of(Modifier.PUBLIC) : List.of();
  }

  private static boolean isPrivate(Element type) {
    for (Element outer = type; outer instanceof TypeElement; outer = outer.getEnclosingElement()) {
      if (outer.getModifiers().contains(Modifier.PRIVATE)) {
        return true;
      }
    }
    return false;
  }

  /** No part of a type must be private, or seen by heirs only. */
  static void checkVisible(Element place, TypeMirror type, String what, Reporter reporter) {
    hidden(type, packageOf(place))
        .ifPresent(
            part ->
                reporter.error(
                    place,
                    "type of a "
                        + what
                        + " must not be private, or protected elsewhere: type="
                        + part
                        + " (what is written has to see it)"));
  }

  /** The first part of a type that a package does not see. */
  static Optional<TypeMirror> hidden(TypeMirror type, PackageElement from) {
    return switch (type) {
      case ArrayType array -> hidden(array.getComponentType(), from);
      case DeclaredType declared ->
          isPrivate(declared.asElement()) || isProtectedElsewhere(declared.asElement(), from)
              ? Optional.of(type)
              : Stream.concat(
                      Stream.of(declared.getEnclosingType()), declared.getTypeArguments().stream())
                  .flatMap(part -> hidden(part, from).stream())
                  .findFirst();
      case WildcardType wildcard ->
          Stream.of(wildcard.getExtendsBound(), wildcard.getSuperBound())
              .filter(Objects::nonNull)
              .flatMap(part -> hidden(part, from).stream())
              .findFirst();
      default -> Optional.empty();
    };
  }

  private static boolean isProtectedElsewhere(Element type, PackageElement from) {
    for (Element outer = type; outer instanceof TypeElement; outer = outer.getEnclosingElement()) {
      if (outer.getModifiers().contains(Modifier.PROTECTED) && !packageOf(outer).equals(from)) {
        return true;
      }
    }
    return false;
  }

  static PackageElement packageOf(Element element) {
    Element outer = element;
    while (!(outer instanceof PackageElement place)) {
      outer = requireNonNull(outer.getEnclosingElement(), "package");
    }
    return place;
  }

  /** What is to be written exists already. */
  static void refuseToOverwrite(
      TypeElement origin,
      Class<? extends Annotation> annotation,
      String name,
      String fix,
      Reporter reporter) {
    reporter.error(
        origin,
        annotation,
        "value",
        "type to be written must not exist: " + name + " (" + fix + ")");
  }
}
