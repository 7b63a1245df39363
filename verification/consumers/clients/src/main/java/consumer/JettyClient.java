// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package consumer;

import static consumer.Check.same;

import dev.heddle.TaskEngine;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.eclipse.jetty.util.thread.ThreadPool;

/**
 * A web server that accepts, reads and answers on the engine, its timers included. Its selector is
 * a task that does not end before the server: one worker belongs to it.
 */
final class JettyClient {

  private static final int REQUESTS = 500;

  private JettyClient() {}

  static String run(TaskEngine engine) throws Exception {
    AtomicInteger handled = new AtomicInteger();
    try (ScheduledExecutorService executor = engine.asExecutorService()) {
      Server server =
          new Server(
              new EngineThreadPool(engine, executor),
              new ScheduledExecutorScheduler(executor),
              null);
      int acceptors = 0; // the selector accepts, too
      int selectors = 1;
      ServerConnector connector = new ServerConnector(server, acceptors, selectors);
      connector.setHost(InetAddress.getLoopbackAddress().getHostAddress());
      server.addConnector(connector);
      server.setHandler(new Sums(handled));
      server.start();
      try {
        requests(connector.getLocalPort());
      } finally {
        server.stop();
      }
    }
    same(REQUESTS, handled.get());
    return REQUESTS + " requests";
  }

  private static void requests(int port) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      List<CompletableFuture<HttpResponse<String>>> responses = new ArrayList<>();
      for (int n = 0; n < REQUESTS; n++) {
        URI uri =
            new URI(
                "http",
                null,
                InetAddress.getLoopbackAddress().getHostAddress(),
                port,
                "/sum",
                "n=" + n,
                null);
        HttpRequest request =
            n % 2 == 0
                ? HttpRequest.newBuilder(uri).build()
                : HttpRequest.newBuilder(uri)
                    .POST(HttpRequest.BodyPublishers.ofString("x".repeat(n)))
                    .build();
        responses.add(client.sendAsync(request, HttpResponse.BodyHandlers.ofString()));
      }
      for (int n = 0; n < REQUESTS; n++) {
        HttpResponse<String> response = responses.get(n).get(1, TimeUnit.MINUTES);
        same(200, response.statusCode());
        long posted = n % 2 == 0 ? 0 : n;
        same(LongStream.rangeClosed(1, n).sum() + " " + posted, response.body());
      }
    }
  }

  /** Answers with the sum of the numbers up to n, and the length of what was posted. */
  private static final class Sums extends Handler.Abstract {
    private final AtomicInteger handled;

    Sums(AtomicInteger handled) {
      this.handled = handled;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
      Check.onWorker();
      int n = Integer.parseInt(Request.extractQueryParameters(request).getValue("n"));
      ByteBuffer body = Content.Source.asByteBuffer(request);
      handled.incrementAndGet();
      Content.Sink.write(
          response, true, LongStream.rangeClosed(1, n).sum() + " " + body.remaining(), callback);
      return true;
    }
  }

  /** What Jetty wants to know of a thread pool. */
  private static final class EngineThreadPool implements ThreadPool {
    private final TaskEngine engine;
    private final ScheduledExecutorService executor;

    EngineThreadPool(TaskEngine engine, ScheduledExecutorService executor) {
      this.engine = engine;
      this.executor = executor;
    }

    @Override
    public void execute(Runnable task) {
      executor.execute(task);
    }

    @Override
    public void join() throws InterruptedException {
      executor.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    }

    @Override
    public int getThreads() {
      return engine.config().workers();
    }

    @Override
    public int getIdleThreads() {
      return (int) Math.max(0, getThreads() - engine.metrics().running());
    }

    @Override
    public boolean isLowOnThreads() {
      return engine.metrics().queued() > getThreads();
    }
  }
}
