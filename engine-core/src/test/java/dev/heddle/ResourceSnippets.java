// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.resource.Lease;
import dev.heddle.resource.Limit;
import dev.heddle.resource.ResourcePool;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The examples of resources in the documentation. */
class ResourceSnippets {

  @Test
  void limit() {
    // @start region="limit"
    Limit uploads = Limit.of("uploads", 5);
    try (var all = uploads.acquire(5, Duration.ofSeconds(1))) {
      // nobody uploads now
    }
    // @end
    assertThat(uploads.available()).isEqualTo(5);
  }

  @Test
  void pool() {
    StringBuilder first = new StringBuilder();
    // @start region="pool"
    ResourcePool<StringBuilder> buffers =
        ResourcePool.of("buffers", List.of(first, new StringBuilder()));
    try (Lease<StringBuilder> lease = buffers.acquire(Duration.ofSeconds(1))) {
      lease.value().append("mine until the lease is closed");
    }
    // @end
    assertThat(first).hasToString("mine until the lease is closed");
    assertThat(buffers.available()).isEqualTo(2);
  }
}
