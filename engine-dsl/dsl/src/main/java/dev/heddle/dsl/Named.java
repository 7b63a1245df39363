// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.dsl;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Gives the task of a method of a {@link TaskSet} another name than that of the method: one that
 * stays when the method is renamed, or that tells overloads apart.
 */
@Documented
@Retention(RetentionPolicy.SOURCE)
@Target(ElementType.METHOD)
public @interface Named {

  /**
   * Returns the name, which follows that of the set and a dot.
   *
   * @return a Java identifier of at most 63 characters of {@code A-Z a-z 0-9}
   */
  String value();
}
