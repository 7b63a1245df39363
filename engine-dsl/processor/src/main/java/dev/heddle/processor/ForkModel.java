// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.processor;

import com.palantir.javapoet.TypeName;
import java.util.List;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.TypeElement;

/**
 * What has been read of a function that forks, and is right.
 *
 * @param origin the interface
 * @param access {@code public} or nothing
 * @param method the name of its method
 * @param result the type of its result
 * @param parameters without the scope
 */
record ForkModel(
    TypeElement origin,
    List<Modifier> access,
    String method,
    TypeName result,
    List<Parameter> parameters) {

  /** A parameter of the function. */
  record Parameter(String name, TypeName type) {

    /** The name of its value for the left or the right branch. */
    String of(String side) {
      return side + TaskSetReader.capitalized(name);
    }
  }
}
