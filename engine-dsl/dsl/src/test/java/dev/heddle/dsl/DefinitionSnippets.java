// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.dsl;

import static dev.heddle.dsl.TaskDefinition.define;

import dev.heddle.Retry;
import dev.heddle.TaskEngine;
import dev.heddle.resource.Limit;
import java.io.IOException;
import java.time.Duration;

/** The code that the documentation of this package shows. */
final class DefinitionSnippets {

  private DefinitionSnippets() {}

  // @start region="define"
  static final Limit GPU = Limit.of("gpu", 2);

  static final TaskDefinition<String, Integer> WORDS =
      define("words")
          .input(String.class)
          .output(Integer.class)
          .timeout(Duration.ofSeconds(2))
          .retry(Retry.exponential(Duration.ofMillis(50), 3).on(IOException.class))
          .uses(GPU, 1)
          .handler((text, context) -> text.split("\\s+").length);

  static int count(TaskEngine engine, String text) {
    return WORDS.submit(engine, text).join();
  }
  // @end
}
