// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import java.io.IOException;
import java.time.Duration;

/** Code that stands in javadoc; {@code RetryTest} runs it. */
final class RetrySnippets {

  private RetrySnippets() {}

  static Retry retry() {
    // @start region="retry"
    Retry retry =
        Retry.exponential(Duration.ofMillis(50), 3) // 50 ms, then 100, up to a half less
            .on(IOException.class)
            .maxTime(Duration.ofSeconds(5));
    // @end
    return retry;
  }

  // @start region="options"
  static final TaskOptions QUOTE =
      TaskOptions.defaults()
          .name("quote")
          .timeout(Duration.ofSeconds(2)) // of each attempt
          .retry(Retry.exponential(Duration.ofMillis(50), 3).on(IOException.class))
          .totalTimeout(Duration.ofSeconds(5));
  // @end
}
