// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.fetcher;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A web server on the loopback address, with a virtual thread for each request. Counts how many
 * requests it has at a time.
 */
final class LocalServer implements AutoCloseable {

  private final HttpServer server;
  private final ExecutorService handlers = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger atATime = new AtomicInteger();
  private final AtomicInteger maxAtATime = new AtomicInteger();

  private LocalServer(HttpServer server) {
    this.server = server;
  }

  /**
   * Starts a server on a free port.
   *
   * @param connections how many connections may wait to be accepted
   */
  static LocalServer start(int connections) throws IOException {
    InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    LocalServer local = new LocalServer(HttpServer.create(anyPort, connections));
    local.server.createContext("/", local::answer);
    local.server.setExecutor(local.handlers);
    local.server.start();
    return local;
  }

  URI uri() {
    InetSocketAddress address = server.getAddress();
    String host = address.getAddress().getHostAddress();
    return URI.create(
        "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort());
  }

  /** Returns the most requests that were being answered at any instant so far. */
  int maxAtATime() {
    return maxAtATime.get();
  }

  private void answer(HttpExchange exchange) throws IOException {
    Optional<Page> page = Page.of(exchange.getRequestURI().getPath());
    int status = page.map(Page::status).orElse(404);
    byte[] body = page.map(Page::body).orElse(new byte[] {'?'});
    maxAtATime.accumulateAndGet(atATime.incrementAndGet(), Math::max);
    try {
      Thread.sleep(page.map(Page::delay).orElse(Duration.ZERO));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the server is being closed
    } finally {
      atATime.decrementAndGet(); // before the client can know of the answer and ask again
    }
    exchange.sendResponseHeaders(status, body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    handlers.shutdownNow();
    handlers.close();
  }
}
