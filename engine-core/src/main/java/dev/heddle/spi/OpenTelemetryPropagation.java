// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.spi;

import static java.util.Objects.requireNonNull;

import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;

/** OpenTelemetry's current context. The only class that touches that library, which is optional. */
final class OpenTelemetryPropagation implements ContextPropagation {

  OpenTelemetryPropagation() {
    requireNonNull(Context.class); // loads it
  }

  @Override
  public Captured capture() {
    Context context = Context.current();
    return () -> restore(context);
  }

  @SuppressWarnings("MustBeClosedChecker") // closed by what is returned
  private static Restored restore(Context context) {
    Context before = Context.current();
    Scope scope = context.makeCurrent();
    return () -> {
      scope.close();
      if (Context.current() != before) { // the body has left a scope open: ours could not close
        before.makeCurrent();
      }
    };
  }
}
