// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package consumer;

import dev.heddle.TaskEngine;
import dev.heddle.observe.EngineMetrics;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.logging.Logger;

/**
 * Libraries that know executors only, each at work on a view of one engine, one after the other.
 */
final class Clients {

  private Clients() {}

  /** Kept, or its filter would go with it. */
  private static final Logger LOGGER = Logger.getLogger("dev.heddle");

  public static void main(String[] arguments) throws Exception {
    // These libraries wait for locks as they please; that the log names them is not what is tried
    // here.
    LOGGER.setFilter(
        line -> !line.getMessage().startsWith("task blocks a worker without saying so"));
    LinkedBlockingQueue<Throwable> uncaught = new LinkedBlockingQueue<>();
    TaskEngine engine =
        TaskEngine.builder()
            .name("clients")
            .workers(4)
            .uncaughtHandler((thread, error) -> uncaught.add(error))
            .build();
    try (engine) {
      System.out.println("Caffeine: passed, " + CaffeineClient.run(engine));
      System.out.println("Reactor: passed, " + ReactorClient.run(engine));
      System.out.println("Jetty: passed, " + JettyClient.run(engine));
    }
    EngineMetrics metrics = engine.metrics();
    Check.same(0L, metrics.live());
    Check.same(0L, metrics.rejected());
    Check.same(0L, metrics.unobservedFailures());
    Check.same(0L, metrics.workersReplaced());
    Check.same(null, uncaught.poll());
  }
}
