// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.dsl;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Says which values a component of {@link EngineSettings} may have that is a number, a duration or
 * a size. An option of the engine keeps its default, which must be in the range; {@code workers},
 * whose default depends on the machine, needs a {@link Default}.
 */
@Documented
@Retention(RetentionPolicy.SOURCE)
@Target(ElementType.RECORD_COMPONENT)
public @interface Range {

  /**
   * Returns the least value.
   *
   * @return as one would write it into a file; empty for no limit, which is zero for durations
   */
  String min() default "";

  /**
   * Returns the greatest value.
   *
   * @return as one would write it into a file; empty for no limit
   */
  String max() default "";
}
