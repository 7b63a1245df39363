// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.processor;

import com.palantir.javapoet.AnnotationSpec;
import com.palantir.javapoet.TypeName;
import java.util.List;
import java.util.Optional;
import javax.lang.model.type.TypeMirror;

/**
 * Keeps what a parameter or a result says of {@code null}; other annotations are no part of a type
 * that is written.
 */
final class Nullness {

  private static final String NULLABLE = "org.jspecify.annotations.Nullable";

  private Nullness() {}

  /** The name of a type, and that it may be {@code null} if the program says so. */
  static TypeName of(TypeMirror type) {
    return with(type, TypeName.get(type));
  }

  /** As {@link #of}, for an object. */
  static TypeName boxed(TypeMirror type) {
    return with(type, TypeName.get(type).box());
  }

  private static TypeName with(TypeMirror type, TypeName name) {
    return nullable(type).map(spec -> name.annotated(List.of(spec))).orElse(name);
  }

  /** The annotation of a type that may be {@code null}. */
  static Optional<AnnotationSpec> nullable(TypeMirror type) {
    return type.getAnnotationMirrors().stream()
        .filter(mirror -> mirror.getAnnotationType().toString().equals(NULLABLE))
        .map(AnnotationSpec::get)
        .findFirst();
  }
}
