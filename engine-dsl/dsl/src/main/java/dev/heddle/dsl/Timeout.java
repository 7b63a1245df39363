// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.dsl;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Limits the time of a task: {@link dev.heddle.TaskOptions#timeout} and {@link
 * dev.heddle.TaskOptions#totalTimeout}, checked by the compiler. For methods of a {@link TaskSet},
 * or for all of one.
 */
@Documented
@Retention(RetentionPolicy.SOURCE)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface Timeout {

  /**
   * Returns how long each attempt may take.
   *
   * @return such as {@code "250ms"} or {@code "2s"}; empty for no limit
   */
  String value() default "";

  /**
   * Returns how long all attempts together may take.
   *
   * @return not less than {@link #value}; empty for no limit
   */
  String total() default "";
}
