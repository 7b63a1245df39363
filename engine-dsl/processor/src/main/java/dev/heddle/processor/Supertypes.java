// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.processor;

import javax.annotation.processing.ProcessingEnvironment;
import javax.lang.model.type.TypeMirror;

/** Compares types of a source with classes that are known here. */
final class Supertypes {

  private Supertypes() {}

  static boolean has(ProcessingEnvironment environment, TypeMirror type, Class<?> supertype) {
    TypeMirror known = environment.getElementUtils().getTypeElement(supertype.getName()).asType();
    return environment.getTypeUtils().isSubtype(type, known);
  }

  /** Whether what a method throws has to be declared. */
  static boolean isChecked(ProcessingEnvironment environment, TypeMirror thrown) {
    return !has(environment, thrown, RuntimeException.class)
        && !has(environment, thrown, Error.class);
  }
}
