// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.dsl;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Says what a component of {@link EngineSettings} is if it is not given. */
@Documented
@Retention(RetentionPolicy.SOURCE)
@Target(ElementType.RECORD_COMPONENT)
public @interface Default {

  /**
   * Returns the default as one would write it into a file.
   *
   * @return such as {@code "8"}, {@code "64MiB"}, {@code "250ms"} or {@code "off"}
   */
  String value();
}
