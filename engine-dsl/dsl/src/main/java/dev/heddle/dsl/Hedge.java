// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.dsl;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Lets a second attempt begin beside a slow one: {@link dev.heddle.TaskOptions#hedge}, checked by
 * the compiler. For methods of a {@link TaskSet}, or for all of one.
 */
@Documented
@Retention(RetentionPolicy.SOURCE)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface Hedge {

  /**
   * Returns how long to wait for the first attempt until more is known.
   *
   * @return such as {@code "50ms"}; less than the timeout, if there is one
   */
  String value();
}
