// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.spi;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Several propagations together. */
final class AllOf implements ContextPropagation {

  private final List<ContextPropagation> parts;

  private AllOf(List<ContextPropagation> parts) {
    this.parts = parts;
  }

  static ContextPropagation of(List<ContextPropagation> all) {
    List<ContextPropagation> parts =
        all.stream().filter(part -> part != ContextPropagation.none()).toList();
    return switch (parts.size()) {
      case 0 -> ContextPropagation.none();
      case 1 -> parts.getFirst();
      default -> new AllOf(parts);
    };
  }

  @Override
  public Captured capture() {
    List<Captured> captured = new ArrayList<>(parts.size());
    for (ContextPropagation part : parts) {
      Captured its = requireNonNull(part.capture(), "captured context");
      if (its != Captured.nothing()) {
        captured.add(its);
      }
    }
    return switch (captured.size()) {
      case 0 -> Captured.nothing();
      case 1 -> captured.getFirst();
      default -> () -> restore(captured);
    };
  }

  private static Restored restore(List<Captured> captured) {
    List<Restored> restored = new ArrayList<>(captured.size());
    try {
      for (Captured each : captured) {
        restored.add(requireNonNull(each.restore(), "restored context"));
      }
    } catch (Throwable e) {
      throw rethrow(closeAll(restored, e));
    }
    return () -> {
      Throwable error = closeAll(restored, null);
      if (error != null) {
        throw rethrow(error);
      }
    };
  }

  /** Closes the last first, and all of them; returns the first error, with the others. */
  private static @Nullable Throwable closeAll(List<Restored> restored, @Nullable Throwable first) {
    Throwable error = first;
    for (Restored each : restored.reversed()) {
      try {
        each.close();
      } catch (Throwable e) {
        if (error == null) {
          error = e;
        } else if (error != e) {
          error.addSuppressed(e);
        }
      }
    }
    return error;
  }

  /**
   * Throws what it is given, whatever it is: a propagation may throw behind the compiler's back.
   */
  @SuppressWarnings("unchecked") // the cast to T is erased
  private static <T extends Throwable> RuntimeException rethrow(@Nullable Throwable error)
      throws T {
    throw (T) requireNonNull(error);
  }
}
