// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * What engines log while this is open, kept here instead of going to the console. Engines log by
 * {@link System.Logger}, which is the JDK's own logging unless a program brings another one. Safe
 * for use by any thread.
 */
final class LogLines implements AutoCloseable {

  /** Kept here, since the JDK holds loggers weakly. */
  private static final Logger LOGGER = Logger.getLogger("dev.heddle");

  private final List<String> lines = new ArrayList<>();

  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord record) {
          add(record.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  /** Begins. */
  LogLines() {
    LOGGER.setUseParentHandlers(false);
    LOGGER.addHandler(handler);
  }

  private synchronized void add(String line) {
    lines.add(line);
    notifyAll();
  }

  /**
   * Waits for a line.
   *
   * @param start what it begins with
   * @param atMost how long to wait
   * @return the first such line; what it should have been if there is none in time
   */
  synchronized String await(String start, Duration atMost) throws InterruptedException {
    long deadline = System.nanoTime() + atMost.toNanos();
    while (true) {
      for (String line : lines) {
        if (line.startsWith(start)) {
          return line;
        }
      }
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return "nothing that starts with: " + start;
      }
      wait(left);
    }
  }

  @Override
  public void close() {
    LOGGER.removeHandler(handler);
    LOGGER.setUseParentHandlers(true);
  }
}
