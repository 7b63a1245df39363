// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.fetcher;

import static java.util.Objects.requireNonNull;

import dev.heddle.Task;
import dev.heddle.TaskEngine;
import dev.heddle.error.ErrorText;
import dev.heddle.error.TaskFailedException;
import dev.heddle.examples.cli.Program;
import dev.heddle.examples.fetcher.Totals.Answer;
import dev.heddle.examples.progress.Progress;
import dev.heddle.examples.progress.ProgressDisplay;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Fetches the pages of a web server with a task for each, never more than a few at a time. The
 * server is started by the program itself on the loopback address; some of its pages are missing,
 * some fail and some are slow.
 *
 * <p>Shows tasks that wait: {@link Task#blocking} keeps them off the workers, and {@code
 * blockingLimit} says how many run at a time.
 *
 * <p>Exit codes: 0 if the answers add up to what the server has, 1 if not, 2 if an option is wrong
 * or the server cannot be asked.
 */
@Command(
    name = "fetcher",
    description = {
      "Fetches pages of a web server, which it starts itself on the loopback address, with a"
          + " blocking task of the Heddle engine for each, and checks what comes back.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:the answers add up to what the server has",
      "1:they do not, or the program has an error",
      "2:an option is wrong, or the server cannot be asked"
    })
public final class Fetcher implements Callable<Integer> {

  private static final int DIFFERENT = 1;
  private static final int DEFAULT_COUNT = 500;
  private static final int DEFAULT_LIMIT = 20;
  private static final int MAX_COUNT = 100_000;
  private static final int MAX_LIMIT =
      200; // each is a connection with a file descriptor at both ends

  private final PrintStream out;
  private final PrintStream err;

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help message and exit.")
  @SuppressWarnings("UnusedVariable") // picocli looks at the annotation
  private boolean help;

  @Option(
      names = "--progress",
      negatable = true,
      description = "Draw a progress bar on standard error. By default only if it is a terminal.")
  private @Nullable Boolean progress;

  private int count = DEFAULT_COUNT;
  private int limit = DEFAULT_LIMIT;

  private Fetcher(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  /**
   * Runs the program.
   *
   * @param args the options
   */
  public static void main(String[] args) {
    System.exit(run(args, System.out, System.err));
  }

  /** Does what {@link #main} does, but returns the exit code. */
  static int run(String[] args, PrintStream out, PrintStream err) {
    return Program.run(new Fetcher(out, err), args, out, err, Set.of(IOException.class));
  }

  @Option(
      names = "--count",
      paramLabel = "N",
      description = "How many pages to fetch (default: " + DEFAULT_COUNT + ").")
  void setCount(int count) {
    this.count =
        Program.inRange(requireNonNull(spec, "spec"), "count", count, MAX_COUNT, DEFAULT_COUNT);
  }

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "How many to fetch at a time (default: " + DEFAULT_LIMIT + ").")
  void setLimit(int limit) {
    this.limit =
        Program.inRange(requireNonNull(spec, "spec"), "limit", limit, MAX_LIMIT, DEFAULT_LIMIT);
  }

  /**
   * Fetches the pages that the options ask for.
   *
   * @return the exit code
   * @throws IOException if the server cannot be started or asked
   */
  @Override
  public Integer call() throws IOException {
    List<Page> pages = IntStream.range(0, count).mapToObj(Page::new).toList();
    long start = System.nanoTime();
    try (LocalServer server = LocalServer.start(limit);
        Progress bar = new ProgressDisplay(progress, err).start("fetch", count, " pages", 1)) {
      Totals totals = Totals.of(fetchAll(server.uri(), pages, bar));
      return conclude(
          totals, Totals.expected(pages), server.maxAtATime(), System.nanoTime() - start);
    }
  }

  private List<Answer> fetchAll(URI server, List<Page> pages, Progress bar) throws IOException {
    // The pages are accepted as a whole, so the engine must have room for all that wait.
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        TaskEngine engine =
            TaskEngine.builder()
                .name("fetcher")
                .workers(1) // only to satisfy the engine: what waits runs on virtual threads
                .queueCapacity(pages.size())
                .blockingLimit(limit)
                .build()) {
      List<Task<Answer>> tasks =
          pages.stream()
              .map(page -> Task.blocking(context -> fetch(client, server, page, bar)))
              .toList();
      return engine.submitAll(tasks).join();
    } catch (TaskFailedException e) {
      throw new IOException(
          "server must answer: server="
              + server
              + ", problem="
              + ErrorText.quote(String.valueOf(e.getCause()))
              + " (look at what else uses the loopback address)",
          e);
    }
  }

  private static Answer fetch(HttpClient client, URI server, Page page, Progress bar)
      throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(server.resolve(page.path())).build();
    HttpResponse<byte[]> response = client.send(request, BodyHandlers.ofByteArray());
    bar.stepBy(1);
    byte[] body = response.body();
    // A wrong body must not have the right length by chance.
    return new Answer(response.statusCode(), Arrays.equals(body, page.body()) ? body.length : -1);
  }

  /** Writes the summary and returns the exit code. */
  private int conclude(Totals totals, Totals expected, int maxAtATime, long nanos) {
    out.printf(Locale.ROOT, "pages      %,d%n", totals.count());
    out.printf(Locale.ROOT, "bytes      %,d%n", totals.bytes());
    totals
        .statuses()
        .forEach((status, pages) -> out.printf(Locale.ROOT, "status %d %,d%n", status, pages));
    out.printf(Locale.ROOT, "at a time  %d, as the server saw it; limit %d%n", maxAtATime, limit);
    out.printf(Locale.ROOT, "time       %.2f s%n", nanos / 1e9);
    boolean right = totals.equals(expected) && maxAtATime <= limit;
    if (!right) {
      err.printf(
          "fetcher: answers must be those of the server: expected=%s, actual=%s, atATime=%d"
              + " (report it as a bug)%n",
          expected, totals, maxAtATime);
    }
    return right ? ExitCode.OK : DIFFERENT;
  }
}
