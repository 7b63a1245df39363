// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

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
}
