// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.processor;

import java.lang.annotation.Annotation;
import javax.lang.model.element.Element;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.NestingKind;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.ArrayType;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeKind;
import javax.lang.model.type.TypeMirror;

/** Checks that what is written in the package of a type can see all that it needs. */
final class Placement {

  private Placement() {}

  /**
   * A type must not be local or private.
   *
   * @param what what it is for
   */
  static void checkType(TypeElement origin, String what, Reporter reporter) {
    if (origin.getNestingKind() == NestingKind.LOCAL) {
      reporter.error(
          origin,
          what
              + " must not be local: "
              + origin.getSimpleName()
              + " (declare it in a class or a file)");
    }
    if (isPrivate(origin)) {
      reporter.error(
          origin,
          what
              + " must not be private: "
              + origin.getSimpleName()
              + " (what is written has to see it)");
    }
  }

  private static boolean isPrivate(Element type) {
    for (Element outer = type; outer instanceof TypeElement; outer = outer.getEnclosingElement()) {
      if (outer.getModifiers().contains(Modifier.PRIVATE)) {
        return true;
      }
    }
    return false;
  }

  /** No part of a type must be private. */
  static void checkVisible(Element place, TypeMirror type, String what, Reporter reporter) {
    if (type.getKind() == TypeKind.ERROR) {
      return; // the compiler says so
    }
    if (type instanceof ArrayType array) {
      checkVisible(place, array.getComponentType(), what, reporter);
    }
    if (type instanceof DeclaredType declared) {
      if (isPrivate(declared.asElement())) {
        reporter.error(
            place,
            "type of a "
                + what
                + " must not be private: type="
                + type
                + " (what is written has to see it)");
        return;
      }
      declared
          .getTypeArguments()
          .forEach(argument -> checkVisible(place, argument, what, reporter));
    }
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
