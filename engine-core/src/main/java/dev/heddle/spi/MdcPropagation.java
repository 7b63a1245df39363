// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.spi;

import static java.util.Objects.requireNonNull;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/** The diagnostic context of SLF4J. The only class that touches it, which is optional. */
final class MdcPropagation implements ContextPropagation {

  private static final Captured EMPTY = () -> restore(null);

  MdcPropagation() {
    requireNonNull(MDC.class); // loads it, and leaves SLF4J alone until there is a task
  }

  @Override
  public Captured capture() {
    Map<String, String> values = MDC.getCopyOfContextMap();
    return values == null || values.isEmpty() ? EMPTY : () -> restore(values);
  }

  private static Restored restore(@Nullable Map<String, String> values) {
    Map<String, String> before = MDC.getCopyOfContextMap();
    set(values);
    return () -> set(before);
  }

  private static void set(@Nullable Map<String, String> values) {
    if (values == null) {
      MDC.clear();
    } else {
      MDC.setContextMap(values);
    }
  }
}
