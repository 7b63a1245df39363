// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.dsl;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Lets a failed attempt be followed by others: {@link dev.heddle.Retry}, checked by the compiler.
 * For methods of a {@link TaskSet}, or for all of one.
 */
@Documented
@Retention(RetentionPolicy.SOURCE)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface Retry {

  /** Of {@link #max}: as many as come to pass in {@link #maxTime}, which must be given then. */
  int UNLIMITED = Integer.MAX_VALUE;

  /**
   * Returns how many attempts there are at most.
   *
   * @return 2 or more, the first one included
   */
  int max();

  /**
   * Returns how long to wait before the second attempt.
   *
   * @return such as {@code "50ms"}, {@code "2s"}, {@code "1m"}, at most a day
   */
  String delay() default "0ms";

  /**
   * Returns how many times longer each delay is than the one before.
   *
   * @return 1 to 100
   */
  double factor() default 1;

  /**
   * Returns how long a delay may become.
   *
   * @return not less than {@link #delay}; empty for a day
   */
  String maxDelay() default "";

  /**
   * Returns by which part of it a delay may be shorter, at random.
   *
   * @return 0 to 1
   */
  double jitter() default 0;

  /**
   * Returns how long after the beginning a pause may end at the latest.
   *
   * @return such as {@code "10s"}; empty for no limit
   */
  String maxTime() default "";

  /**
   * Returns after which errors there is another attempt.
   *
   * @return exceptions that the method can throw; none for each {@link Exception}
   */
  Class<? extends Throwable>[] on() default {};

  /**
   * Returns after which errors there is none.
   *
   * @return exceptions that the method can throw
   */
  Class<? extends Throwable>[] unless() default {};
}
