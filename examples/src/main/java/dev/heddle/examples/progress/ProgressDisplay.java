// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.progress;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Draws progress bars on standard error, or nothing. Standard output is left to the results. */
public final class ProgressDisplay {

  private static final int WIDTH = 79;
  private static final int UPDATE_MILLIS = 100;

  // What a terminal is called on Linux, where the JDK can see it without native code.
  private static final Path STANDARD_ERROR = Path.of("/proc/self/fd/2");
  private static final Pattern TERMINAL = Pattern.compile("/dev/(pts/|tty|console).*");

  private static final Progress NOTHING =
      new Progress() {
        @Override
        public void stepBy(long amount) {}

        @Override
        public void close() {}
      };

  private record Bar(ProgressBar bar) implements Progress {
    @Override
    public void stepBy(long amount) {
      bar.stepBy(amount);
    }

    @Override
    public void close() {
      bar.close();
    }
  }

  private final boolean visible;
  private final PrintStream err;

  /**
   * Makes a display.
   *
   * @param wanted whether to draw; {@code null} if only on a terminal
   * @param err where to draw
   */
  public ProgressDisplay(@Nullable Boolean wanted, PrintStream err) {
    this.visible = wanted == null ? err == System.err && isTerminal() : wanted;
    this.err = err;
  }

  /** Tells whether standard error is known to be a terminal. */
  private static boolean isTerminal() {
    try {
      return TERMINAL.matcher(Files.readSymbolicLink(STANDARD_ERROR).toString()).matches();
    } catch (IOException | UnsupportedOperationException e) {
      return false; // not a Linux: the option --progress is there for that
    }
  }

  /**
   * Starts a bar.
   *
   * @param run what is under way
   * @param total how much there is to do
   * @param unit what amounts are shown in, with a blank before it
   * @param unitSize how much one of them is
   * @return the bar; to be closed
   */
  public Progress start(String run, long total, String unit, long unitSize) {
    if (!visible) {
      return NOTHING;
    }
    // The given width keeps the library from asking the terminal for its own, by native code.
    return new Bar(
        new ProgressBarBuilder()
            .setTaskName(String.format("%-10s", run))
            .setInitialMax(total)
            .setUnit(unit, unitSize)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(UPDATE_MILLIS)
            .setConsumer(new ConsoleProgressBarConsumer(err, WIDTH))
            .build());
  }
}
