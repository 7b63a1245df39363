// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells a throwable and what hangs on it as plain maps. Causes may form a ring, be made anew each
 * time, or throw when asked: others have written them. Used once.
 */
final class ThrowableMap {

  private static final int MOST = 64;

  private final Set<Throwable> told = Collections.newSetFromMap(new IdentityHashMap<>());
  private int left = MOST;

  Map<String, Object> of(Throwable error) {
    left--;
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("type", error.getClass().getName());
    boolean first = told.add(error);
    try {
      putIfAny(map, "message", error.getMessage());
      if (error instanceof TaskException ours) {
        map.put("code", ours.code().name());
        ours.context().ifPresent(context -> map.put("context", context.toMap()));
      }
      if (first) {
        Throwable cause = error.getCause();
        putIfAny(map, "cause", cause == null || left <= 0 ? null : of(cause));
      }
    } catch (Throwable e) {
      if (e instanceof VirtualMachineError fatal && !(e instanceof StackOverflowError)) {
        throw fatal;
      }
      map.putIfAbsent("message", "<threw " + e.getClass().getName() + ">");
    }
    if (first) {
      addSuppressed(map, error.getSuppressed());
    }
    return map;
  }

  private void addSuppressed(Map<String, Object> map, Throwable[] suppressed) {
    List<Object> maps = new ArrayList<>();
    for (int i = 0; i < suppressed.length && left > 0; i++) {
      maps.add(of(suppressed[i]));
    }
    putIfAny(map, "suppressed", maps.isEmpty() ? null : maps);
    putIfAny(
        map, "leftOut", maps.size() == suppressed.length ? null : suppressed.length - maps.size());
  }

  private static void putIfAny(Map<String, Object> map, String key, @Nullable Object value) {
    if (value != null) {
      map.put(key, value);
    }
  }
}
