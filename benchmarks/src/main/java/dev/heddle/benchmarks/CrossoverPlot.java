// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.benchmarks;

import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Draws from how many bytes on C is faster: the time a byte of each operation, over the size, for
 * {@code heddle} (a line) and {@code java} (a dashed one of the same colour). Prints the least size
 * from which on {@code heddle} is faster at all that were measured.
 *
 * <p>The results are those of {@link MathKernelBenchmark} and {@link StringKernelBenchmark},
 * written by {@code -rf json -rff FILE}; others in the file are left out.
 *
 * <p>Exit codes: 0, or 2 if an argument is wrong or a file cannot be read or written.
 */
public final class CrossoverPlot {

  private static final int USAGE = 2;
  private static final int WIDTH = 1_000;
  private static final int HEIGHT = 640;
  private static final float LINE_WIDTH = 2;
  private static final float DASH = 6;
  private static final String OURS = "heddle";
  private static final String THEIRS = "java";

  private CrossoverPlot() {}

  /** The time a byte, by the size. */
  private record Curves(TreeMap<Integer, Double> heddle, TreeMap<Integer, Double> java) {}

  /**
   * Draws.
   *
   * @param args the results and the picture, each the path of a file
   */
  public static void main(String[] args) {
    System.exit(run(args, System.out, System.err));
  }

  /** Does what {@link #main} does, but returns the exit code. */
  static int run(String[] args, PrintStream out, PrintStream err) {
    if (args.length != 2) {
      err.println("crossover-plot: two files are needed: RESULTS.json PICTURE.svg");
      return USAGE;
    }
    try {
      Map<String, Curves> operations = read(Path.of(args[0]));
      if (operations.isEmpty()) {
        err.println(
            "crossover-plot: file must have results of heddle or java with bytes: file=" + args[0]);
        return USAGE;
      }
      operations.forEach((name, curves) -> out.println(name + ": " + crossover(curves)));
      draw(operations, Path.of(args[1]));
      return 0;
    } catch (JacksonException e) {
      err.println(
          "crossover-plot: results must be JSON: file="
              + args[0]
              + ", problem="
              + e.getOriginalMessage());
      return USAGE;
    } catch (IOException e) {
      err.println("crossover-plot: files must be usable: " + e);
      return USAGE;
    }
  }

  private static Map<String, Curves> read(Path file) throws IOException {
    Map<String, Curves> operations = new TreeMap<>();
    for (JsonNode each : new JsonMapper().readTree(Files.readString(file))) {
      JsonNode parameters = each.path("params");
      int bytes = parameters.path("bytes").asInt(0);
      String rival = parameters.path("rival").asString("");
      if (bytes <= 0 || !(rival.equals(OURS) || rival.equals(THEIRS))) {
        continue;
      }
      String method = each.path("benchmark").asString("").replaceFirst(".*[.]", "");
      String operation = (method + " " + parameters.path("text").asString("")).strip();
      Curves curves =
          operations.computeIfAbsent(operation, _ -> new Curves(new TreeMap<>(), new TreeMap<>()));
      double nanos = each.path("primaryMetric").path("score").asDouble();
      (rival.equals(OURS) ? curves.heddle : curves.java).put(bytes, nanos / bytes);
    }
    return operations;
  }

  /** Says from which size on heddle is faster. */
  private static String crossover(Curves curves) {
    String from = "never faster";
    for (Map.Entry<Integer, Double> each : curves.heddle.descendingMap().entrySet()) {
      Double theirs = curves.java.get(each.getKey());
      if (theirs == null) {
        continue;
      }
      if (each.getValue() >= theirs) {
        break;
      }
      from = "faster from " + each.getKey() + " bytes on";
    }
    return from;
  }

  private static void draw(Map<String, Curves> operations, Path file) throws IOException {
    System.setProperty("java.awt.headless", "true"); // before anything of AWT is touched
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title("From how many bytes on is C faster? heddle: lines, java: dashes")
            .xAxisTitle("bytes")
            .yAxisTitle("nanoseconds a byte")
            .build();
    chart
        .getStyler()
        .setXAxisLogarithmic(true)
        .setYAxisLogarithmic(true)
        .setLegendPosition(LegendPosition.OutsideE)
        .setChartBackgroundColor(Color.WHITE);
    int drawn = 0;
    for (Map.Entry<String, Curves> each : operations.entrySet()) {
      Curves curves = each.getValue();
      Color color = Color.getHSBColor((float) drawn++ / operations.size(), 1, 0.8f);
      add(chart, each.getKey(), curves.heddle, color, stroke());
      add(chart, each.getKey() + " " + THEIRS, curves.java, color, stroke(DASH, DASH));
    }
    VectorGraphicsEncoder.saveVectorGraphic(chart, file.toString(), VectorGraphicsFormat.SVG);
    // Letters are outlines, with ten digits to a point, of which nobody sees more than the first.
    String picture = Files.readString(file);
    Files.writeString(file, picture.replaceAll("(\\d\\.\\d)\\d+", "$1"));
  }

  private static BasicStroke stroke(float... dashes) {
    return new BasicStroke(
        LINE_WIDTH,
        BasicStroke.CAP_BUTT,
        BasicStroke.JOIN_ROUND,
        1,
        dashes.length == 0 ? null : dashes,
        0);
  }

  private static void add(
      XYChart chart, String name, Map<Integer, Double> curve, Color color, BasicStroke stroke) {
    if (!curve.isEmpty()) {
      chart
          .addSeries(name, List.copyOf(curve.keySet()), List.copyOf(curve.values()))
          .setMarker(SeriesMarkers.NONE)
          .setLineColor(color)
          .setLineStyle(stroke)
          .setShowInLegend(!name.endsWith(THEIRS));
    }
  }
}
