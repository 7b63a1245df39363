// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.verification.jcstress;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import org.openjdk.jcstress.infra.collectors.DiskReadCollector;
import org.openjdk.jcstress.infra.collectors.InProcessCollector;
import org.openjdk.jcstress.infra.collectors.TestResult;
import org.openjdk.jcstress.infra.grading.GradingResult;
import org.openjdk.jcstress.infra.grading.ReportUtils;

/**
 * Reads the result file of a jcstress run, prints one line a test and fails the process unless all
 * tests passed <em>and</em> each weakened control showed the outcome that its original forbids.
 */
public final class Verdict {

  private static final String CONTROL = "control: ";

  private int tests;
  private int controls;
  private int wrong;

  private Verdict() {}

  /**
   * Reads and judges.
   *
   * @param args the folder of the run
   */
  public static void main(String[] args) throws IOException, ClassNotFoundException {
    Verdict verdict = new Verdict();
    InProcessCollector results = new InProcessCollector();
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(Path.of(args[0]), "jcstress-results-*.bin.gz")) {
      for (Path file : files) {
        DiskReadCollector reader = new DiskReadCollector(file.toString(), results);
        reader.dump();
        reader.close();
      }
    }
    List<TestResult> byName = ReportUtils.mergedByName(results.getTestResults());
    byName.stream()
        .sorted(Comparator.comparing(TestResult::getName))
        .distinct()
        .forEach(verdict::judge);
    System.out.printf(
        "jcstress: tests=%d, controls=%d, wrong=%d%n",
        verdict.tests, verdict.controls, verdict.wrong);
    System.exit(verdict.wrong == 0 && verdict.tests > 0 ? 0 : 1);
  }

  private void judge(TestResult result) {
    long samples = 0;
    long seen = 0;
    boolean control = false;
    for (GradingResult outcome : result.grading().gradingResults.values()) {
      samples += outcome.count;
      if (outcome.description.startsWith(CONTROL)) {
        control = true;
        seen += outcome.count;
      }
    }
    boolean passed = ReportUtils.statusToPassed(result) && (!control || seen > 0);
    if (control) {
      controls++;
    } else {
      tests++;
    }
    if (!passed) {
      wrong++;
    }
    String name = result.getName();
    System.out.printf(
        "%-5s %-70s samples=%d%s%n",
        passed ? "ok" : "WRONG",
        name.substring(name.lastIndexOf('.', name.lastIndexOf('.') - 1) + 1),
        samples,
        control ? ", control seen to fail=" + seen : "");
  }
}
