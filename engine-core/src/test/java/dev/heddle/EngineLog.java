// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Keeps what the engine logs during a test, instead of the console. */
public final class EngineLog implements BeforeEachCallback, AfterEachCallback {

  /** Kept here, since the JDK holds loggers weakly. */
  private static final Logger LOGGER = Logger.getLogger("dev.heddle");

  private final List<LogRecord> records = new CopyOnWriteArrayList<>();

  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord record) {
          records.add(record);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @Override
  public void beforeEach(ExtensionContext context) {
    LOGGER.setUseParentHandlers(false);
    LOGGER.addHandler(handler);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    LOGGER.removeHandler(handler);
    LOGGER.setUseParentHandlers(true);
  }

  /** Returns what has been logged so far. */
  public List<LogRecord> records() {
    return List.copyOf(records);
  }

  /** Returns the messages that have been logged so far. */
  public List<String> messages() {
    return records.stream().map(LogRecord::getMessage).toList();
  }
}
