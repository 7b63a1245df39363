// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.census;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Comparator;

/**
 * A method as class files name it.
 *
 * @param owner internal name of the class, such as {@code java/lang/Object}
 * @param name name of the method
 * @param descriptor types of parameters and result, such as {@code (I)V}
 */
record MethodRef(String owner, String name, String descriptor) implements Comparable<MethodRef> {

  private static final Comparator<MethodRef> ORDER =
      Comparator.comparing(MethodRef::owner)
          .thenComparing(MethodRef::name)
          .thenComparing(MethodRef::descriptor);

  @Override
  public int compareTo(MethodRef other) {
    return ORDER.compare(this, other);
  }

  /** Returns {@code owner.name} and the descriptor: {@code java/lang/Object.<init>()V}. */
  @Override
  @JsonValue
  public String toString() {
    return owner + '.' + name + descriptor;
  }
}
