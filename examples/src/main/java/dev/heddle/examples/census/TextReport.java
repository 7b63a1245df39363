// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.census;

import static java.util.Locale.ROOT;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.ColumnData;
import com.github.freva.asciitable.HorizontalAlign;
import dev.heddle.nativeops.NativeOps;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;

/** Writes a report as tables for people to read. */
final class TextReport {

  private final Report report;
  private final int top;
  private final PrintStream out;

  private TextReport(Report report, int top, PrintStream out) {
    this.report = report;
    this.top = top;
    this.out = out;
  }

  /**
   * Writes a report.
   *
   * @param top how many opcodes to show; the others are added up in one line
   */
  static void write(Report report, int top, PrintStream out) {
    new TextReport(report, top, out).write();
  }

  private void write() {
    Totals totals = report.totals();
    out.printf(ROOT, "Census of the %s%n", report.source());
    out.printf(
        ROOT,
        "%,d class files (%,d of them module descriptors, %,d bytes) in %,d packages%n",
        totals.classFiles(),
        totals.moduleDescriptors(),
        totals.bytes(),
        report.packages());
    out.printf(
        ROOT,
        "%,d methods, %,d instructions, %,d calls of %,d methods%n",
        totals.methods(),
        totals.instructions(),
        totals.calls(),
        totals.calledMethods());
    out.printf(ROOT, "content hash %s (by %s)%n", totals.contentHash(), NativeOps.get().provider());
    writeOpcodes();
    writeMethods("Longest methods", "instructions", report.longestMethods());
    writeMethods("Most called methods", "calls", report.mostCalledMethods());
    writeRuns();
  }

  private void writeOpcodes() {
    List<OpcodeCount> shown = new ArrayList<>(report.opcodes());
    if (shown.size() > top) {
      List<OpcodeCount> others = shown.subList(top, shown.size());
      long sum = others.stream().mapToLong(OpcodeCount::count).sum();
      OpcodeCount rest = new OpcodeCount("(" + others.size() + " others)", sum);
      others.clear();
      shown.add(rest);
    }
    double all = report.totals().instructions();
    table(
        "Instructions by opcode",
        shown,
        List.of(
            left("opcode").with(OpcodeCount::opcode),
            right("instructions").with(row -> number(row.count())),
            right("share").with(row -> String.format(ROOT, "%.2f %%", 100 * row.count() / all))));
  }

  private void writeMethods(String title, String unit, List<MethodCount> methods) {
    table(
        title,
        methods,
        List.of(
            right(unit).with(row -> number(row.count())),
            left("method").with(row -> row.method().toString())));
  }

  private void writeRuns() {
    List<Entry<String, Report.RunReport>> runs =
        List.of(Map.entry("sequential", report.sequential()), Map.entry("engine", report.engine()));
    table(
        String.format(
            ROOT,
            "Runs, the fastest of %d in turn; order: %s",
            report.rounds(),
            String.join(", ", report.order())),
        runs,
        List.of(
            left("run").with(Entry::getKey),
            right("threads").with(row -> number(row.getValue().threads())),
            right("seconds").with(row -> String.format(ROOT, "%.3f", row.getValue().seconds())),
            right("MB/s")
                .with(row -> String.format(ROOT, "%.1f", row.getValue().megabytesPerSecond())),
            right("instructions").with(row -> number(row.getValue().totals().instructions()))));
    out.printf(
        ROOT,
        "Speed-up: %.2f; the totals are %s%n",
        report.speedUp(),
        report.equal() ? "equal" : "DIFFERENT");
  }

  private <T> void table(String title, List<T> rows, List<ColumnData<T>> columns) {
    out.printf(ROOT, "%n%s%n", title);
    out.println(
        AsciiTable.builder()
            .border(AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS)
            .data(rows, columns)
            .asString());
  }

  private static Column left(String header) {
    return column(header, HorizontalAlign.LEFT);
  }

  private static Column right(String header) {
    return column(header, HorizontalAlign.RIGHT);
  }

  private static Column column(String header, HorizontalAlign align) {
    // Names of methods are not cut or broken: they are there to be searched for.
    return new Column()
        .header(header)
        .headerAlign(align)
        .dataAlign(align)
        .maxWidth(Integer.MAX_VALUE);
  }

  private static String number(long value) {
    return String.format(ROOT, "%,d", value);
  }
}
