// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import java.util.List;

/** The examples of the API documentation. {@link EngineSnippetsTest} runs each of them. */
final class EngineSnippets {

  private EngineSnippets() {}

  static void first() {
    // @start region="first"
    try (TaskEngine engine = TaskEngine.create()) {
      System.out.println(engine.submit(() -> 6 * 7).join());
    }
    // @end
  }

  static void lane() {
    TaskEngine engine = TaskEngine.create();
    // @start region="lane"
    try (TaskLane lane = engine.openLane(4096)) { // by the thread that will submit
      for (String line : List.of("warp", "weft")) {
        lane.execute(() -> System.out.println(line));
      }
    }
    // @end
    engine.close();
  }
}
